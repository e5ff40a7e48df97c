/** What an instance type says of the images that can run on it. */
export type InstanceFacts = {
  architecture: 'amd64' | 'arm64';
  /** Its NVIDIA GPU; `none` where it has none (Neuron and Gaudi are none), `unknown` of a family that is not listed. */
  gpu: InstanceGpu | 'none' | 'unknown';
};

export type InstanceGpu = {
  name: string;
  computeCapability: string;
  /**
   * The newest CUDA that the driver of a SageMaker endpoint knows by default, as far as AWS says it
   * ("Best practices to minimize interruptions during GPU driver upgrades", read 2026-11); InferenceAmiVersion changes it.
   */
  driverCuda?: string;
};

/** By family; GPUs as EC2 names them, compute capabilities as https://developer.nvidia.com/cuda-gpus does. */
const gpus: Readonly<Record<string, InstanceGpu>> = {
  g3: { name: 'M60', computeCapability: '5.2' },
  g4dn: { name: 'T4', computeCapability: '7.5', driverCuda: '11.4' },
  g5: { name: 'A10G', computeCapability: '8.6', driverCuda: '11.4' },
  g5g: { name: 'T4G', computeCapability: '7.5' },
  g6: { name: 'L4', computeCapability: '8.9', driverCuda: '12.2' },
  gr6: { name: 'L4', computeCapability: '8.9' },
  g6e: { name: 'L40S', computeCapability: '8.9' },
  g7: { name: 'RTX PRO 4500', computeCapability: '12.0' },
  g7e: { name: 'RTX PRO 6000', computeCapability: '12.0' },
  p2: { name: 'K80', computeCapability: '3.7', driverCuda: '11.4' },
  p3: { name: 'V100', computeCapability: '7.0', driverCuda: '11.4' },
  p3dn: { name: 'V100', computeCapability: '7.0' },
  p4d: { name: 'A100', computeCapability: '8.0', driverCuda: '11.4' },
  p4de: { name: 'A100', computeCapability: '8.0', driverCuda: '11.4' },
  p5: { name: 'H100', computeCapability: '9.0', driverCuda: '12.2' },
  p5e: { name: 'H200', computeCapability: '9.0', driverCuda: '12.4' },
  p5en: { name: 'H200', computeCapability: '9.0', driverCuda: '12.4' },
  'p6-b200': { name: 'B200', computeCapability: '10.0' },
  'p6-b300': { name: 'B300', computeCapability: '10.3' },
  'p6e-gb200': { name: 'GB200', computeCapability: '10.0' },
};

/** The facts of `ml.g5.xlarge`, or of `g5.xlarge`. */
export function instanceFacts(instanceType: string): InstanceFacts {
  const family = instanceType.replace(/^ml\./, '').split('.')[0] ?? '';
  // A `g` behind the generation is Graviton's (m7g, c7gn, r6gd, g5g); GB200 comes with NVIDIA's own Arm processor.
  const isArm = /^[a-z]+\d+[a-z]*g|^a1$|-gb\d/.test(family);
  const gpu = gpus[family] ?? (/^(g|gr|p)\d/.test(family) ? 'unknown' : 'none');
  return { architecture: isArm ? 'arm64' : 'amd64', gpu };
}
