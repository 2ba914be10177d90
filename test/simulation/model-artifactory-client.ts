/** Stands in for services/dedupe/src/artifactory-client.ts: files lie in the world's folder. */
import type { ArtifactoryClient } from '../../services/dedupe/src/artifactory-client.ts'
import { theWorld } from './the-world.ts'
import { currentProcess } from './virtual-time.ts'

const unavailable = { kind: 'unavailable', reason: 'no answer in time' } as const

export function createArtifactoryClient(): ArtifactoryClient {
  const { artifactory } = theWorld()
  const process = currentProcess()
  return {
    async fetch(file, signal) {
      const answer = await artifactory.ask(process, (files) => ({ text: files.get(file) }))
      signal?.throwIfAborted()
      if (answer === undefined) return unavailable
      return answer.text === undefined ? { kind: 'missing' } : { kind: 'found', text: answer.text }
    },
    async store(file, text, signal) {
      const answer = await artifactory.ask(process, (files) => files.set(file, text))
      signal?.throwIfAborted()
      return answer === undefined ? unavailable : { kind: 'stored' }
    },
  }
}
