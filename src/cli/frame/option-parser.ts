/** The parser of command lines, in a file of its own: it is loaded only where there is an option to read, and nothing else of yargs comes with it. */
export { Parser } from "yargs/helpers";
