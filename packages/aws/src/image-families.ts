import { instanceFacts } from './instance-types.ts';
import { UserError } from './user-error.ts';

/**
 * The training images AWS publishes, by family and version. From the image tables of the SageMaker Python SDK
 * (sagemaker-core/src/sagemaker/core/image_uri_config/{sklearn,xgboost,pytorch,tensorflow}.json, read 2026-11).
 */
type Family = {
  repository: string;
  /** Version as users write it → the image's own tag, by processor. */
  versions: Record<string, { cpu: string; gpu?: string }>;
  registries: 'frameworks' | 'deep-learning';
};

const same = (tag: string) => ({ cpu: tag });
const deepLearning = (version: string, python: string) => ({
  cpu: `${version}-cpu-${python}`,
  gpu: `${version}-gpu-${python}`,
});

const FAMILIES: Record<string, Family> = {
  'scikit-learn': {
    repository: 'sagemaker-scikit-learn',
    registries: 'frameworks',
    versions: {
      '1.0': same('1.0-1-cpu-py3'),
      '1.2': same('1.2-1-cpu-py3'),
      '1.4': same('1.4-2-cpu-py3'),
      '1.9': same('1.9-0-cpu-py3'),
    },
  },
  xgboost: {
    repository: 'sagemaker-xgboost',
    registries: 'frameworks',
    versions: {
      '1.5': same('1.5-1'),
      '1.7': same('1.7-1'),
      '3.0': same('3.0-5'),
      '3.2': same('3.2-0'),
    },
  },
  pytorch: {
    repository: 'pytorch-training',
    registries: 'deep-learning',
    versions: {
      '2.6': deepLearning('2.6.0', 'py312'),
      '2.7': deepLearning('2.7.1', 'py312'),
      '2.8': deepLearning('2.8.0', 'py312'),
    },
  },
  tensorflow: {
    repository: 'tensorflow-training',
    registries: 'deep-learning',
    versions: { '2.18': deepLearning('2.18.0', 'py310'), '2.19': deepLearning('2.19.0', 'py312') },
  },
};

const DEEP_LEARNING_EVERYWHERE = '763104351884';
const DEEP_LEARNING: Record<string, string> = {
  'af-south-1': '626614931356',
  'ap-east-1': '871362719292',
  'ap-northeast-1': DEEP_LEARNING_EVERYWHERE,
  'ap-northeast-2': DEEP_LEARNING_EVERYWHERE,
  'ap-northeast-3': '364406365360',
  'ap-south-1': DEEP_LEARNING_EVERYWHERE,
  'ap-south-2': '772153158452',
  'ap-southeast-1': DEEP_LEARNING_EVERYWHERE,
  'ap-southeast-2': DEEP_LEARNING_EVERYWHERE,
  'ap-southeast-3': '907027046896',
  'ap-southeast-4': '457447274322',
  'ca-central-1': DEEP_LEARNING_EVERYWHERE,
  'ca-west-1': '204538143572',
  'cn-north-1': '727897471807',
  'cn-northwest-1': '727897471807',
  'eu-central-1': DEEP_LEARNING_EVERYWHERE,
  'eu-central-2': '380420809688',
  'eu-north-1': DEEP_LEARNING_EVERYWHERE,
  'eu-south-1': '692866216735',
  'eu-south-2': '503227376785',
  'eu-west-1': DEEP_LEARNING_EVERYWHERE,
  'eu-west-2': DEEP_LEARNING_EVERYWHERE,
  'eu-west-3': DEEP_LEARNING_EVERYWHERE,
  'il-central-1': '780543022126',
  'me-central-1': '914824155844',
  'me-south-1': '217643126080',
  'mx-central-1': '637423239942',
  'sa-east-1': DEEP_LEARNING_EVERYWHERE,
  'us-east-1': DEEP_LEARNING_EVERYWHERE,
  'us-east-2': DEEP_LEARNING_EVERYWHERE,
  'us-gov-east-1': '446045086412',
  'us-gov-west-1': '442386744353',
  'us-west-1': DEEP_LEARNING_EVERYWHERE,
  'us-west-2': DEEP_LEARNING_EVERYWHERE,
};

const FRAMEWORKS: Record<string, string> = {
  'af-south-1': '510948584623',
  'ap-east-1': '651117190479',
  'ap-northeast-1': '354813040037',
  'ap-northeast-2': '366743142698',
  'ap-northeast-3': '867004704886',
  'ap-south-1': '720646828776',
  'ap-south-2': '628508329040',
  'ap-southeast-1': '121021644041',
  'ap-southeast-2': '783357654285',
  'ap-southeast-3': '951798379941',
  'ap-southeast-4': '106583098589',
  'ca-central-1': '341280168497',
  'ca-west-1': '190319476487',
  'cn-north-1': '450853457545',
  'cn-northwest-1': '451049120500',
  'eu-central-1': '492215442770',
  'eu-central-2': '680994064768',
  'eu-north-1': '662702820516',
  'eu-south-1': '978288397137',
  'eu-south-2': '104374241257',
  'eu-west-1': '141502667606',
  'eu-west-2': '764974769150',
  'eu-west-3': '659782779980',
  'il-central-1': '898809789911',
  'me-central-1': '272398656194',
  'me-south-1': '801668240914',
  'sa-east-1': '737474898029',
  'us-east-1': '683313688378',
  'us-east-2': '257758044811',
  'us-gov-east-1': '237065988967',
  'us-gov-west-1': '414596584902',
  'us-west-1': '746614075791',
  'us-west-2': '246618743249',
};

/**
 * `scikit-learn:1.4` as a full image URI for a region and an instance type (GPU or not); a full URI passes through.
 * @throws UserError that lists what is known
 */
export function trainingImage(image: string, region: string, instanceType: string): string {
  if (image.includes('/')) return image;
  const [name = '', version = ''] = image.split(':');
  const family = FAMILIES[name];
  if (!family) {
    throw new UserError(
      `"${image}" is neither a full image URI nor a known family: ${Object.keys(FAMILIES).join(', ')} (for example scikit-learn:1.4).`,
    );
  }
  const tags = family.versions[version];
  if (!tags) {
    throw new UserError(
      `${name} has no version "${version}" here; known: ${Object.keys(family.versions).join(', ')}. A full image URI works for any other.`,
    );
  }
  const account = (family.registries === 'frameworks' ? FRAMEWORKS : DEEP_LEARNING)[region];
  if (!account) {
    throw new UserError(`${name} images are not known for the region ${region}: give a full image URI.`);
  }
  const tag = isGpu(instanceType) ? (tags.gpu ?? tags.cpu) : tags.cpu;
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `${account}.dkr.ecr.${region}.${domain}/${family.repository}:${tag}`;
}

/** Whether an instance type carries NVIDIA GPUs. */
export function isGpu(instanceType: string): boolean {
  return instanceFacts(instanceType).gpu !== 'none';
}
