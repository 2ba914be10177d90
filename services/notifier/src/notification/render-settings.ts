import type { LinkSettings } from './links.ts'

export interface RenderSettings extends LinkSettings {
  readonly style: 'card' | 'plain'
}
