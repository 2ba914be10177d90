export { notifierSettings } from './config.ts'
