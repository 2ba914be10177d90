import type { StreamInfo } from '@nats-io/jetstream'

/** The fill from which on somebody should look: a stream that is full refuses what is new. */
export const alertingFill = 0.7

/** How full a stream is, from 0 to 1; one without a limit never fills. */
export function streamFill({ config, state }: StreamInfo): number {
  return config.max_bytes > 0 ? state.bytes / config.max_bytes : 0
}

/** `70 % full` */
export function describeFill(fill: number): string {
  return `${Math.round(fill * 100)} % full`
}
