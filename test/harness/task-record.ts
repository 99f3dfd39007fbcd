import type { Locator } from "@playwright/test";
import type { AdminPage } from "./admin-center.ts";

/** What a task took. */
export interface TaskCost {
  readonly name: string;
  readonly clicks: number;
  /** Fields that something was typed or chosen in. */
  readonly fields: number;
  readonly seconds: number;
}

/** Does a task as somebody would who has never seen the page, and counts. */
export class TaskRecord {
  readonly admin: AdminPage;
  readonly #name: string;
  readonly #startedMs = performance.now();
  #clicks = 0;
  #fields = 0;

  constructor(admin: AdminPage, name: string) {
    this.admin = admin;
    this.#name = name;
  }

  /** Goes by the navigation: an area, then a page of it. */
  async go(...names: readonly string[]): Promise<void> {
    const navigation = this.admin.page.getByRole("navigation", { name: "Areas" });
    for (const name of names) {
      await this.click(navigation.getByRole("link", { name, exact: true }).last());
    }
  }

  /** A click on whatever this is. */
  async click(target: Locator): Promise<void> {
    this.#clicks += 1;
    await target.click();
  }

  /** A click on the button of that name. */
  async press(name: string | RegExp, within?: Locator): Promise<void> {
    const place = within ?? this.admin.page;
    await this.click(place.getByRole("button", { name, exact: typeof name === "string" }).last());
  }

  /** Types into a field. */
  async fill(field: Locator, text: string): Promise<void> {
    this.#fields += 1;
    await field.fill(text);
  }

  /** Chooses from a list. */
  async choose(field: Locator, value: string): Promise<void> {
    this.#fields += 1;
    await field.selectOption(value);
  }

  /** The end of the task, with a picture of it. */
  async done(): Promise<TaskCost> {
    const seconds = (performance.now() - this.#startedMs) / 1000;
    await this.admin.picture(`task-${this.#name.toLowerCase().replaceAll(/[^a-z]+/g, "-")}`);
    return { name: this.#name, clicks: this.#clicks, fields: this.#fields, seconds };
  }
}
