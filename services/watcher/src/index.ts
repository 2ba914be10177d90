export { checkWatcherConfig, type WatcherConfig, watcherSettings } from './config.ts'
export { startWatcher } from './service.ts'
