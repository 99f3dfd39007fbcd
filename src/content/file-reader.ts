import type { ContentLimits } from "./content-limits.ts";
import type { LookBudget } from "./look-budget.ts";
import type { FileOutcome, FileProperty, FileView } from "./message-view.ts";

/** A file whose bytes are at hand. */
export interface OpenFile {
  readonly name: string;
  /** Another name that it has been given. */
  readonly otherName?: string | undefined;
  readonly bytes: Buffer;
  /** As labelled by the sender, `""` in an archive. */
  readonly mediaType: string;
  readonly charset: string | undefined;
  /** How many messages, archives and documents it is in, multiparts counted. */
  readonly depth: number;
}

/** How much of files is wanted: `structure` is all but text and properties, and much cheaper. */
export type LookDepth = "structure" | "text";

/** What a reader of a type of file works with. */
export interface Look {
  readonly limits: ContentLimits;
  readonly budget: LookBudget;
  readonly wanted: LookDepth;
  /** Looks into a file that is in this one. */
  inspect(file: OpenFile): Promise<FileView>;
}

/** What a reader found out; what it does not say is as in a file without anything in it. */
export interface FileFindings {
  readonly outcome: FileOutcome;
  /** A more exact type than the first bytes tell. */
  readonly detectedType?: string;
  readonly isExecutable?: boolean;
  readonly isPasswordProtected?: boolean;
  readonly properties?: readonly FileProperty[];
  readonly text?: string;
  readonly entries?: readonly FileView[];
}

/** Looks into files of one type. Throws what a library throws at damaged files. */
export type FileReader = (file: OpenFile, look: Look) => Promise<FileFindings> | FileFindings;

/** A file that is known by name and size only. */
export function closedFile(
  file: Pick<FileView, "name" | "bytes" | "isPasswordProtected" | "outcome">,
): FileView {
  return {
    ...file,
    detectedType: undefined,
    isExecutable: false,
    properties: [],
    text: undefined,
    entries: [],
  };
}
