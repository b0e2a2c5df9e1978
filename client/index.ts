export * from "./split";
