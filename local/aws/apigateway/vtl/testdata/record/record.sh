#!/bin/sh
# Records what stock Apache Velocity 1.7 renders into the cases of ../velocity. Needs a JDK of at least 17 and the jar:
# on Debian, apt-get install velocity default-jdk-headless. With --pipe it answers templates on standard input (see Record.java).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
jars=${VELOCITY_JARS:-/usr/share/java}
classpath=$jars/velocity-1.7.jar:$jars/commons-collections3.jar:$jars/commons-lang.jar
if [ "${1:-}" = --pipe ]; then
	exec java -cp "$classpath" "$here/Record.java" --pipe
fi
exec java -cp "$classpath" "$here/Record.java" "$here"/../velocity/*.txtar
