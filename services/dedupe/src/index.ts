export { type DedupeConfig, dedupeSettings } from './config.ts'
export { startDedupe } from './service.ts'
