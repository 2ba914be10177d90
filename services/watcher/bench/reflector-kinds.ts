export const deploymentsPath = '/apis/apps/v1/deployments'

export const reflectorKinds = [
  'our reflector, nothing kept',
  'client-node Watch, nothing kept',
  'our reflector, as the watcher keeps them',
  'client-node informer, objects kept',
] as const

export type ReflectorKind = (typeof reflectorKinds)[number]
