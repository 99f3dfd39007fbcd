import { type RefObject, useCallback, useMemo, useRef, useState } from "react";
import { CmdletFault } from "../../api/cmdlet-fault.ts";
import type { CmdletFacts } from "../../api/facts.ts";
import { type AnyCall, runAny } from "../../api/run-cmdlet.ts";
import { type Runner, useRun } from "../use-run.ts";
import { changedValues, type FormValues, type Merge, mergeValues } from "./form-values.ts";

/** An object that is being made or changed, and what became of saving it. */
export interface ObjectEdit {
  readonly values: FormValues;
  readonly setValues: (values: FormValues) => void;
  /** What would be sent. */
  readonly changes: FormValues;
  readonly isChanged: boolean;
  readonly call: AnyCall;
  readonly runner: Runner;
  /** Known before the next drawing: saving leads away from the form. */
  readonly isSaved: RefObject<boolean>;
  readonly save: () => Promise<boolean>;
  /** The object as somebody else has left it; `undefined`: it is gone. */
  readonly readAgain: () => Promise<FormValues | undefined>;
  /** My changes on top of that. */
  readonly merge: (theirs: FormValues) => Merge;
  /** Goes on from there. */
  readonly take: (theirs: FormValues, mine: FormValues) => void;
}

/** The state of a form; the object as it was read is what changes are measured by. */
export function useObjectEdit(of: {
  readonly cmdlet: string;
  readonly facts: CmdletFacts;
  readonly object?: FormValues;
  readonly initial?: FormValues;
}): ObjectEdit {
  const { cmdlet, facts, object, initial = {} } = of;
  const [base, setBase] = useState<FormValues>(object ?? {});
  const [values, setValues] = useState<FormValues>(object ?? initial);
  const runner = useRun();
  const isSaved = useRef(false);
  const identity = object?.["Identity"];
  const changes = useMemo(
    () => onlyParameters(facts, changedValues(base, values)),
    [facts, base, values],
  );
  const etag = base["ETag"];
  const call = {
    cmdlet,
    parameters: {
      ...(identity === undefined ? {} : { Identity: identity }),
      ...changes,
      ...(typeof etag === "string" && "IfMatch" in facts.parameters ? { IfMatch: etag } : {}),
    },
  };
  const save = async () => {
    // Until the form is left, Enter may come once more.
    if (isSaved.current) return false;
    isSaved.current = await runner.run(call);
    return isSaved.current;
  };
  const take = (theirs: FormValues, mine: FormValues) => {
    setBase(theirs);
    setValues(mine);
    runner.reset();
  };
  const readAgain = useCallback(() => readObject(cmdlet, identity), [cmdlet, identity]);
  const merge = (theirs: FormValues) => mergeValues({ base, mine: values, theirs });
  const isChanged = Object.keys(changes).length > 0;
  return {
    values,
    setValues: (next) => {
      isSaved.current = false;
      setValues(next);
    },
    changes,
    isChanged,
    call,
    runner,
    isSaved,
    save,
    readAgain,
    merge,
    take,
  };
}

function onlyParameters({ parameters }: CmdletFacts, values: FormValues): FormValues {
  const own = Object.entries(values).filter(([name]) => Object.hasOwn(parameters, name));
  return Object.fromEntries(own);
}

async function readObject(cmdlet: string, identity: unknown): Promise<FormValues | undefined> {
  const getter = `Get-${cmdlet.slice(cmdlet.indexOf("-") + 1)}`;
  try {
    const { objects } = await runAny({ cmdlet: getter, parameters: { Identity: identity } });
    return objects[0];
  } catch (error) {
    if (error instanceof CmdletFault && error.code === "not-found") return undefined;
    throw error;
  }
}
