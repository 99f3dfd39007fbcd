import { FILTER_OPERATORS } from "../cmdlet/filter-syntax.ts";
import { MOMENT_FORMS } from "../cmdlet/filter-value.ts";
import { EXIT_CODES } from "./exit-code.ts";
import { RUN_PARAMETERS } from "./run-parameters.ts";

/** A question that administrators ask, and the commands that answer it. */
export interface UsualQuestion {
  readonly question: string;
  /** Without `postrider` before them. */
  readonly commands: readonly string[];
}

/** What help answers first. */
export const USUAL_QUESTIONS: readonly UsualQuestion[] = [
  {
    question: "What is queued, and why?",
    commands: [
      "Get-Queue",
      "Get-Queue -Filter 'MessageCount -gt 0' -Property Identity,Status,MessageCount,LastError",
      "Get-Message -Filter 'FromAddress -like \"*@contoso.test\"' -Format list",
    ],
  },
  {
    question: "Where is this message?",
    commands: [
      "Get-MessageTrace -RecipientAddress bob@example.test",
      "Get-MessageTrace -SenderAddress alice@contoso.test",
      "Explain-Message -Identity 17",
    ],
  },
  {
    question: "Who changed that connector?",
    commands: ["Search-AdminAuditLog -Cmdlets Set-ReceiveConnector,Set-SendConnector"],
  },
  {
    question: "Is the server healthy?",
    commands: ["Get-ServerHealth", "Test-ServiceHealth"],
  },
  {
    question: "Can we reach example.test?",
    commands: ["Test-OutboundConnectivity example.test"],
  },
];

/** A page of help that belongs to no cmdlet. */
export interface HelpTopic {
  readonly name: string;
  readonly summary: string;
  /** Lines as they are shown. */
  readonly lines: readonly string[];
}

/** `postrider help filters` and the like; the pages in docs/cmdlets have them too. */
export const HELP_TOPICS: readonly HelpTopic[] = [
  {
    name: "filters",
    summary: "How -Filter is written",
    lines: [
      "A filter compares properties of the output (postrider help Get-Queue lists them):",
      "",
      "  postrider Get-Queue -Filter \"Status -eq 'Retry' -and MessageCount -gt 10\"",
      "  postrider Get-Queue -Filter 'LastError -ne $null -and -not (Status -eq \"Ready\")'",
      "",
      `Operators   ${FILTER_OPERATORS.map((operator) => `-${operator}`).join(" ")}`,
      "Joined by   -and, -or, -not or !, parentheses; -not binds tighter than -and, that than -or",
      "Patterns    -like and -notlike: * is any text, ? one character",
      "Texts       in ' or \", doubled inside; without spaces they need no quotes; case is ignored",
      "Nothing     -eq $null, -ne $null: within double quotes a shell takes $null away",
      "Yes and no  $true, $false",
      "Sizes       4096, 64KB, 10MB, 1.5GB (powers of 1024)",
      "Spans       00:05:00, 1.12:00:00, 90s, 5m, 2h, 1d",
      `Dates       ${MOMENT_FORMS}`,
    ],
  },
  {
    name: "output",
    summary: "How output is written, and which properties",
    lines: [
      "-Format table   fits the terminal; in a pipe nothing is cut off",
      "-Format list    every property on a line of its own",
      "-Format json    an array always, for jq and PowerShell's ConvertFrom-Json",
      "-Format csv     RFC 4180 with a header line; lists are joined with ;",
      "                A text is what it is, also when it begins with = + - or @: strangers write",
      "                subjects, so have a spreadsheet import these columns as text",
      "-Format yaml    a list of mappings",
      "-Format tree    steps below one another, for explanations and tests",
      "-Property A,B*  those properties in that order, in every format",
      "",
      "Dates are UTC; JSON has them as ISO 8601, sizes as bytes, spans as [d.]hh:mm:ss.",
      "Output goes to standard output; progress, warnings and errors go to standard error.",
      "NO_COLOR switches colours off.",
    ],
  },
  {
    name: "server",
    summary: "Which server a cmdlet talks to",
    lines: [
      "--data-dir DIR     the server on this machine with that data directory, by its Unix socket",
      "                   (POSTRIDER_DATA_DIR, else ./var)",
      "--server URL       a server over HTTPS, as in https://mail.contoso.test:8443",
      "                   (POSTRIDER_SERVER)",
      "--token T          an API token for it (POSTRIDER_TOKEN: others see command lines)",
      "--token-file FILE  a file that holds the token (POSTRIDER_TOKEN_FILE)",
      "--ca FILE          the authority, or the server's own certificate, to trust; PEM",
      "                   (POSTRIDER_CA)",
    ],
  },
  {
    name: "parameters",
    summary: "How parameters are written, and those that every cmdlet has",
    lines: [
      "-Name value or -Name:value; names in any case, and short while only one begins so.",
      "Lists       a,b or 'a,b',c; changed with @{Add='x','y'; Remove='z'}",
      "Constants   $true, $false, $null: in single quotes, or the shell takes them away",
      "Switches    -WhatIf, or -WhatIf:$false",
      "Secrets     given as -, or without a value: asked for, or read from standard input",
      "",
      ...Object.entries(RUN_PARAMETERS).map(([name, { doc }]) => `${`-${name}`.padEnd(11)} ${doc}`),
    ],
  },
  {
    name: "exit-codes",
    summary: "What the exit code of a cmdlet says",
    lines: EXIT_CODES.map(({ code, doc }) => `${String(code).padStart(3)}  ${doc}`),
  },
];
