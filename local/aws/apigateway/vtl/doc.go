// Package vtl runs Velocity templates: the language that API Gateway's mapping templates are written in. It knows nothing of API Gateway;
// $input, $util and $context are Objects that the caller hands in.
//
// # What it is measured by
//
// Apache Velocity 1.7 with its default settings, on Java 17. Testdata holds templates with what that rendered or refused, recorded by
// testdata/record/record.sh; with the flag -velocity the tests compare random templates too. Which version API Gateway runs is not
// documented. Where API Gateway is known to differ, a case says so, and how it is known:
//
//   - references without a value render as nothing (recorded), not as they are written: Limits.Undefined
//
//   - lists that came from JSON render as JSON (recorded), not as [a, b]
//
//   - a template may be 300 KB long, and a #foreach go round 1,000 times (documented, apigw/limits.md); that the loop then ends and
//     the template goes on is assumed
//
//   - an absent value equals the empty string (recorded)
//
// # What is in
//
// #set, #if, #elseif, #else, #foreach with $foreach and $velocityCount, #break, #stop, #define, #literal, #[[ ]]#, comments, references of
// every form with properties, methods and indexes, ranges, lists, maps, arithmetic, comparison, logic, interpolation and escapes; white space
// as Velocity leaves it. Of Java's methods there are those that mapping templates call:
//
//	all values  toString equals
//	String      length isEmpty charAt substring contains startsWith endsWith indexOf lastIndexOf equalsIgnoreCase compareTo concat trim
//	            toLowerCase toUpperCase replace replaceAll replaceFirst matches split
//	Integer, Long, Double  intValue longValue doubleValue compareTo, and of their static methods parseInt parseLong parseDouble valueOf
//	ArrayList   size isEmpty get set add addAll remove clear contains containsAll indexOf
//	LinkedHashMap  size isEmpty get getOrDefault put putAll remove clear containsKey containsValue keySet values entrySet
//	what keySet, values and entrySet return  size isEmpty contains; of an entry getKey getValue
//
// What surprises in Velocity 1.7 is kept: an empty string, zero and an empty list are true; #set to something without a value changes
// nothing; #set(${x} = 1) sets nothing; 5-3 and a lone $ or # at the end are parse errors; a name takes in a minus that follows.
//
// # What is out
//
// What Velocity's lexer garbles is an error, or text as it stands: a lone $ or # in front of a directive or comment, which it loses, and
// what follows a reference as if it belonged to it, as in $x{y} and $list.get(0)y.z. #foreach and #define take nothing but what they
// are documented to take.
//
// #macro, #parse, #include, #evaluate and block macros (#@name) are parse errors that name them. Other methods, the property class,
// calculating with more digits than a double has and some of Java's regular expressions (package javaregexp) are errors that name them when
// they are reached. Half of a surrogate pair is a question mark, which it becomes in Java when it is rendered.
//
// # Limits
//
// No template and no data can make the engine panic, run for long or grow: Limits bound the length of the template, of loops, of the
// output and of the strings that are built, and the work that one execution may do; nesting is bounded when parsing, rendering,
// comparing and hashing; regular expressions run in time that grows with the input, or else with a timeout (package javaregexp).
package vtl
