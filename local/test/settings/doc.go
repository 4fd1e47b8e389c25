// Package settings holds the test of ../../../docs/settings.md: what a changed setting does to a stack that is deployed.
package settings
