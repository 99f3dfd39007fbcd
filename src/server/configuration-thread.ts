import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import { type ConfigurationContext, parseConfiguration } from "../org/configuration.ts";

/** What is to be parsed. */
export interface ConfigurationThreadData {
  readonly text: string;
  readonly context: ConfigurationContext;
}

/** Parses one file and ends: a large one takes seconds, which nobody else may wait for. */
function run(): void {
  assert(parentPort !== null, "a file is parsed in a worker thread");
  const { text, context } = workerData as ConfigurationThreadData;
  parentPort.postMessage(parseConfiguration(text, context));
}

run();
