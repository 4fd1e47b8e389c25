package main

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"
)

// shell writes commands that set environment variables.
type shell string

const (
	posix      shell = "posix"
	fish       shell = "fish"
	powershell shell = "powershell"
)

// usualShell is the shell that is usual on this system.
func usualShell() shell {
	if runtime.GOOS == "windows" {
		return powershell
	}
	return posix
}

// set sets an environment variable.
func (s shell) set(name, value string) string {
	switch s {
	case fish:
		return fmt.Sprintf("set -gx %s %s;", name, quoteFish(value))
	case powershell:
		return fmt.Sprintf("$env:%s = '%s'", name, strings.ReplaceAll(value, "'", "''"))
	}
	return fmt.Sprintf("export %s=%s", name, quotePOSIX(value))
}

// unset removes an environment variable.
func (s shell) unset(name string) string {
	switch s {
	case fish:
		return fmt.Sprintf("set -e %s;", name)
	case powershell:
		return fmt.Sprintf("Remove-Item Env:%s -ErrorAction Ignore", name)
	}
	return "unset " + name
}

// evaluate is the line that evaluates what a command prints.
func (s shell) evaluate(command string) string {
	switch s {
	case fish:
		return command + " | source"
	case powershell:
		return command + " | Out-String | Invoke-Expression"
	}
	return fmt.Sprintf(`eval "$(%s)"`, command)
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@%+=,-]+$`)

func quotePOSIX(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func quoteFish(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(word) + "'"
}
