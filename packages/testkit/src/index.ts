export type { ArtifactoryUser } from './artifactory/credentials.ts'
export { type OpenBrowser, openBrowser } from './browser.ts'
export { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './control-plane.ts'
export {
  annotate,
  createDeployment,
  createFromYaml,
  createNamespace,
  type DeploymentKey,
  type DeploymentShape,
  deleteDeployment,
  getDeployment,
  isComplete,
  listReplicaSets,
  patchDeployment,
  pauseRollout,
  restartRollout,
  resumeRollout,
  scale,
  setEnv,
  setImage,
  undoRollout,
  waitForRollout,
} from './deployments.ts'
export { eventually, type Patience } from './eventually.ts'
export {
  type ArtifactoryCall,
  type FakeArtifactory,
  type FakeArtifactoryOptions,
  startFakeArtifactory,
} from './fake-artifactory.ts'
export { type FakeSentry, type SentryRequest, sentryFault, startFakeSentry } from './fake-sentry.ts'
export { type FakeSlack, type FakeSlackOptions, type SlackFaultRule, startFakeSlack } from './fake-slack.ts'
export { type CutRule, type FaultProxy, type FaultProxyOptions, startFaultProxy } from './fault-proxy.ts'
export { PortTaken } from './free-port.ts'
export {
  type FaultRule,
  FaultScript,
  type HttpAnswer,
  type HttpFault,
  type InjectedFault,
} from './http/http-faults.ts'
export { expireAtLine, kubeFault } from './http/kube-fault.ts'
export { type EditedLine, type LineChoice, type LineEdit, lineEdit } from './http/line-edit.ts'
export { httpFault } from './http/usual-faults.ts'
export {
  type HttpFaultProxy,
  type HttpFaultProxyOptions,
  type ProxiedRequest,
  startHttpFaultProxy,
} from './http-fault-proxy.ts'
export {
  begun as containerBegun,
  created as containerCreated,
  running as containerRunning,
  terminated as containerTerminated,
  waiting as containerWaiting,
} from './kubelet/container-status.ts'
export type { KubeletPlan, Plan } from './kubelet/plan.ts'
export { describePod, type PodState } from './kubelet/pod-status.ts'
export {
  backOffSeconds,
  invalidImage,
  noNode,
  noSecret,
  noSuchImage,
  noVolume,
  probeRefused,
  restartBackOff,
  restartBackOffEvent,
} from './kubelet/wording.ts'
export { type Kubelet, type KubeletOptions, type PlanPod, startKubelet } from './kubelet.ts'
export { type KubeAccess, KubeApi, type WatchEvent } from './kubernetes/kube-api.ts'
export { isGone, KubeApiError } from './kubernetes/kube-api-error.ts'
export type {
  Container,
  ContainerStatus,
  Deployment,
  KubeList,
  KubeObject,
  Pod,
  ReplicaSet,
} from './kubernetes/objects.ts'
export type { PolicyRule, ServiceAccount, ServiceAccountOptions } from './kubernetes/service-account.ts'
export { type NatsServer, type NatsServerOptions, startNatsServer } from './nats-server.ts'
export { findNginx, startNginx } from './nginx.ts'
export { type Component, startComponent } from './process/component.ts'
export { guardGroup, guardProcess } from './process/guardian.ts'
export { isAlive } from './process/is-alive.ts'
export { type ProcessOptions, type RunningProcess, startProcess } from './process/start-process.ts'
export { makeTempFolder, type TempFolder } from './process/temp-folder.ts'
export { type DeploymentRecord, type RecordedEvent, recordDeployments } from './record-deployments.ts'
export { kubectlRolloutStatus, type RolloutStatusLine } from './rollout-status.ts'
export type { Envelope, EnvelopeItem } from './sentry/envelope.ts'
export { type ShippedStart, shippedStart } from './shipped-start.ts'
export { type Budget, noBudgets, type SlackBudgets, slackBudgets } from './slack/budgets.ts'
export type { SlackCall } from './slack/call-log.ts'
export { slackFault } from './slack/faults.ts'
export type { MessageContent } from './slack/message-rules.ts'
export type { MessageChange } from './slack/method-context.ts'
export { usualScopes } from './slack/tokens.ts'
export type { ChannelOptions, SlackChannel, SlackMessage, WorkspaceDump } from './slack/workspace.ts'
export {
  composeSpecTool,
  hadolintTool,
  kubeLinterTool,
  kustomizeTool,
  monitoringDefinitions,
  natsServerTool,
  promtoolTool,
  trivyTool,
} from './tools/catalog.ts'
export { lockExclusively } from './tools/exclusive.ts'
export { obtain } from './tools/obtain.ts'
export { type Prepared, type PreparedTools, prepareTools } from './tools/prepare-tools.ts'
export { natsPyTool, pythonTool } from './tools/python.ts'
export { ToolUnavailable } from './tools/tool.ts'
export { startWebdavServer, type WebdavServer } from './webdav-server.ts'
