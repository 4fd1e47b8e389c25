// Package engine runs a Pulumi program with the real Pulumi engine, in process: the engine is a Pulumi CLI driven
// through the Automation API, the program is a function, and its resource providers are gRPC servers of this process.
//
// A stack keeps everything in one folder: the engine's state, its home, and a copy of the project's settings, so that
// the tracked files are never written. Nothing is taken from the network.
package engine
