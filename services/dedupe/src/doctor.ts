import { buckets, streams } from '@hermod/contracts'
import { checkNatsConfig, examineNats } from '@hermod/jetstream'
import { defineDoctor, type Finding, type RunCommand } from '@hermod/runtime'
import { createArtifactoryClient } from './artifactory-client.ts'
import { cacheConfig, type DedupeConfig, dedupeSettings } from './config.ts'
import { overwriteProblem } from './overwrite-problem.ts'

const names = [streams.observations.name, streams.rollouts.name].concat(
  [buckets.rollouts, buckets.specs, buckets.baselines].map(({ name }) => `KV_${name}`),
)

/** What dedupe stands on: NATS, and the cache in Artifactory if one is wanted. */
export const dedupeDoctor: RunCommand = defineDoctor({
  process: 'dedupe',
  usage: `usage: doctor [--json]
Looks at NATS and, if a cache is wanted, whether its files in Artifactory may be written and replaced.`,
  settings: dedupeSettings,
  check: checkNatsConfig,
  async *examine(config, { signal }) {
    yield* examineNats(config, { streams: names, signal })
    yield await examineArtifactory(config, signal)
  },
})

async function examineArtifactory(config: DedupeConfig, signal: AbortSignal): Promise<Finding> {
  const about = 'Artifactory'
  const wanted = cacheConfig(config)
  if (!wanted) {
    const missing = config.artifactoryUrl === undefined ? 'ARTIFACTORY_URL' : 'ARTIFACTORY_LOGIN'
    if ((config.artifactoryUrl ?? config.artifactoryLogin) === undefined)
      return { about, state: 'ok', detail: 'no cache is wanted' }
    return {
      about,
      state: 'problem',
      detail: `${missing} is not set, so there is no cache`,
      remedy: `set ${missing}`,
    }
  }
  const problem = await overwriteProblem(createArtifactoryClient(wanted), wanted.ownNamespace, signal)
  if (problem === undefined) return { about, state: 'ok', detail: 'files may be written and replaced' }
  const remedy = /\b40[134]\b/.test(problem)
    ? 'give the account the rights to deploy and to delete in this repository, and its login in ARTIFACTORY_LOGIN'
    : 'check ARTIFACTORY_URL, and that it may be reached from here'
  return { about, state: 'problem', detail: problem, remedy }
}
