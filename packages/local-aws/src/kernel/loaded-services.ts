import type { ServiceEntry } from './service-entry.ts';
import { services } from './services.ts';
import type { Service, World } from './world.ts';

/** The services of one world, each created once, at its first request. */
export type LoadedServices = {
  service(entry: ServiceEntry): Promise<Service>;
  /** Takes up what was under way when the process ended. */
  resume(): Promise<void>;
};

export function loadedServices(world: World): LoadedServices {
  const created = new Map<string, Promise<Service>>();
  const service = (entry: ServiceEntry) => {
    let loading = created.get(entry.id);
    if (loading === undefined) created.set(entry.id, (loading = create(world, entry)));
    return loading;
  };
  return {
    service,
    async resume() {
      for (const entry of services.filter(({ resumes }) => resumes)) await (await service(entry)).resume?.();
    },
  };
}

async function create(world: World, entry: ServiceEntry): Promise<Service> {
  return (await entry.load())(world);
}
