import { CONTENT_CALLS } from "./content-calls.ts";
import { serveContentCalls } from "./content-service.ts";

serveContentCalls(CONTENT_CALLS);
