import type { Rollout } from '@hermod/contracts'
import type { RolloutStory } from './card.ts'
import { changedLine, changeSummary } from './change.ts'
import { dayAndTime } from './clock.ts'
import { plainText } from './escape.ts'
import { joinWithin } from './fit.ts'
import { codeLink, operatorLinks } from './links.ts'
import { moodOf } from './mood.ts'
import type { RenderSettings } from './render-settings.ts'

const lineRoom = 1_500

/** The small print: what changed, which revision, which code, who, where to look on. */
export function footerLines(
  { shown, late }: RolloutStory,
  settings: RenderSettings,
  outdated: string | undefined,
): string[] {
  const { rollout } = shown
  const mood = moodOf(shown)
  const saysWhatChanged = ['stuck', 'failed'].includes(mood) && changedLine(rollout) !== undefined
  const facts = [
    saysWhatChanged ? undefined : changeSummary(rollout, mood !== 'rolling'),
    rollout.revision === undefined ? undefined : `revision ${plainText(rollout.revision, 20)}`,
    codeLink(rollout.lastGood?.git, rollout.git, settings),
    whoChanged(rollout),
    rollout.team === undefined ? undefined : `team ${plainText(rollout.team, 80)}`,
    ...operatorLinks(rollout, settings),
  ]
  const remarks = [
    late ? `told late: it happened ${dayAndTime(shown.at)}` : undefined,
    outdated === undefined ? undefined : continues(outdated),
    ...rollout.problems
      .slice(0, 2)
      .map(
        ({ annotation, on, problem }) =>
          `annotation ${plainText(annotation, 80)} of the ${on}: ${plainText(problem, 160)}`,
      ),
  ]
  return [facts, remarks].map((line) => joinWithin(line, ' · ', lineRoom)).filter((line) => line !== '')
}

function whoChanged({ changedBy, changeCause }: Rollout): string | undefined {
  const manager = changedBy?.manager.startsWith('kubectl') ? 'kubectl' : changedBy?.manager
  // The API server's own words for a client that did not say who it is.
  const isNamed = manager !== undefined && manager !== '' && manager !== 'unknown'
  const cause = changeCause === undefined ? undefined : `“${plainText(changeCause, 160)}”`
  const parts = [isNamed ? plainText(manager, 80) : undefined, cause]
  return parts.filter((part) => part !== undefined).join(' ') || undefined
}

function continues(url: string): string {
  const before = url === '' ? 'an earlier message' : `<${url}|an earlier message>`
  return `goes on from ${before}, which Slack no longer lets us edit`
}
