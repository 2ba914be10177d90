import type { GitFacts, Rollout } from '@hermod/contracts'
import { escapeEntities, plainText } from './escape.ts'

export interface LinkSettings {
  /** Name → URL with {cluster} {namespace} {deployment} {revision} {sha}. */
  readonly linkTemplates: readonly (readonly [name: string, url: string])[]
  /** Hosts that links may lead to, their subdomains included; undefined = any. */
  readonly linkHostsAllowed: readonly string[] | undefined
}

const longestUrl = 1_500

/**
 * The URL as it may stand in a message, or undefined: https only, a host name instead of an address, nobody's
 * name or password in it, and a host that is allowed. It is only ever shown, never fetched.
 */
export function safeUrl(text: string, { linkHostsAllowed }: LinkSettings): string | undefined {
  const url = URL.parse(text.trim())
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return undefined
  const { hostname } = url
  // The parser has turned every spelling of an IPv4 address into dots and digits.
  if (hostname.startsWith('[') || /^[\d.]+$/.test(hostname)) return undefined
  const allowed = linkHostsAllowed?.some((host) => hostname === host || hostname.endsWith(`.${host}`)) ?? true
  // Slack ends a link's address at these; a URL holds them encoded.
  const spelled = url.href.replaceAll('|', '%7C').replaceAll('<', '%3C').replaceAll('>', '%3E')
  return allowed && spelled.length <= longestUrl ? spelled : undefined
}

/** A link in mrkdwn; the label alone where the URL is no good. */
export function link(url: string | undefined, label: string, room: number = 60): string {
  const shown = plainText(label, room).replaceAll('|', '/') || 'link'
  return url === undefined ? shown : `<${escapeEntities(url)}|${shown}>`
}

/** What the code of this version is, as a link where its repository allows one: `a1b2c3d…c486559`. */
export function codeLink(
  before: GitFacts | undefined,
  now: GitFacts,
  settings: LinkSettings,
): string | undefined {
  if (!isSha(now.sha)) return undefined
  const repo = now.repo === undefined ? undefined : safeUrl(now.repo.replace(/(\.git)?\/*$/, ''), settings)
  const isStep = isSha(before?.sha) && before?.sha !== now.sha && (before?.repo ?? now.repo) === now.repo
  if (!isStep) {
    return link(repo && safeUrl(`${repo}/commit/${now.sha}`, settings), now.sha.slice(0, 7))
  }
  const path = repo && URL.parse(repo)?.hostname.includes('gitlab') ? '-/compare' : 'compare'
  return link(
    repo && safeUrl(`${repo}/${path}/${before.sha}...${now.sha}`, settings),
    `${before.sha?.slice(0, 7)}…${now.sha.slice(0, 7)}`,
  )
}

// Anything else in that annotation is no commit, and a link made of it would lead nowhere.
function isSha(text: string | undefined): text is string {
  return text !== undefined && /^[0-9a-f]{7,64}$/i.test(text)
}

/** The operator's own links, filled in for this rollout; a template that needs what is not known is left out. */
export function operatorLinks(rollout: Rollout, settings: LinkSettings): string[] {
  const values: Readonly<Record<string, string | undefined>> = {
    cluster: rollout.cluster,
    namespace: rollout.namespace,
    deployment: rollout.name,
    revision: rollout.revision,
    sha: rollout.git.sha,
  }
  return settings.linkTemplates.slice(0, 8).flatMap(([name, template]) => {
    let isWhole = true
    const filled = template.replace(/\{(\w+)\}/g, (_, key: string) => {
      const value = values[key]
      isWhole &&= value !== undefined
      return encodeURIComponent(value?.toWellFormed() ?? '')
    })
    const url = isWhole ? safeUrl(filled, settings) : undefined
    return url === undefined ? [] : [link(url, name)]
  })
}
