// Owns the model of a folder in Artifactory: whole files, the last PUT wins, and a network on which requests get lost.
import { theWorld } from './the-world.ts'
import { after, asProcess, chance, type SimulatedProcess } from './virtual-time.ts'

/** Nobody answers, or what was asked is done and nobody says so. */
export type ArtifactoryTrouble = 'away' | 'loses-answers'

export class ModelArtifactory {
  readonly files: Map<string, string> = new Map()
  trouble: ArtifactoryTrouble | undefined

  /** What `work` on the files says; undefined when no answer comes. */
  async ask<T>(process: SimulatedProcess, work: (files: Map<string, string>) => T): Promise<T | undefined> {
    const { promise, resolve } = Promise.withResolvers<T | undefined>()
    const fate = theWorld().fateOfRequest(process)
    if (fate === 'dies before') theWorld().die(process)
    after(chance().between(2, 40), () => {
      if (fate === 'dies before') return
      const { trouble } = this
      const done = trouble === 'away' ? undefined : work(this.files)
      if (fate === 'dies after') theWorld().die(process)
      after(chance().between(2, 40), () => {
        if (process.alive) asProcess(process, () => resolve(trouble === 'loses-answers' ? undefined : done))
      })
    })
    return await promise
  }
}
