// Package vtl renders Velocity templates, the language of API Gateway's mapping templates. It is independent of API Gateway: $input, $util
// and $context are Objects of the caller.
//
// # Reference
//
// Apache Velocity 1.7 with its default settings, on Java 17. The cases in testdata hold templates with the output or error of that version,
// recorded by testdata/record/record.sh; where Java is, the tests also compare random templates. Which version API Gateway runs is
// not documented. Where API Gateway is known to differ, the case names the source:
//
//   - references without a value render as nothing (recorded: LocalStack, test_input_path_template_formatting), not as they are written
//   - an absent value equals the empty string (assumed)
//   - lists that come from JSON render as JSON (recorded: LocalStack, test_input_path_template_formatting), not as [a, b]
//   - a template may be 300 KB long and a #foreach may have 1,000 iterations (documented, apigw/limits.md); that the loop then ends and the
//     template continues is assumed
//
// # Supported
//
// #set, #if, #elseif, #else, #foreach with $foreach and $velocityCount, #break, #stop, #define, #literal, #[[ ]]#, comments, references of
// every form with properties, methods and indexes, ranges, lists, maps, arithmetic, comparison, logic, interpolation, escapes, and the
// white space of Velocity. Of Java's methods, those that mapping templates call:
//
//	any value              toString equals
//	String                 length isEmpty charAt substring contains startsWith endsWith indexOf lastIndexOf equalsIgnoreCase compareTo
//	                       concat trim toLowerCase toUpperCase replace replaceAll replaceFirst matches split
//	Integer, Long, Double  intValue longValue doubleValue compareTo parseInt parseLong parseDouble valueOf
//	ArrayList              size isEmpty get set add addAll remove clear contains containsAll indexOf
//	LinkedHashMap          size isEmpty get getOrDefault put putAll remove clear containsKey containsValue keySet values entrySet
//	its keySet, values and entrySet  size isEmpty contains; of an entry getKey getValue
//
// The surprising behaviour of Velocity 1.7 is kept: an empty string, zero and an empty list are true; #set to an absent value has no effect;
// #set(${x} = 1) sets nothing; 5-3 and a lone $ or # at the end are parse errors; a minus belongs to the name in front of it.
//
// # Not supported
//
// #macro, #parse, #include, #evaluate and block macros (#@name) are parse errors that name them. Other methods, the property class,
// arithmetic with more digits than a double has and some of Java's regular expressions (package javaregexp) are errors that name them when
// they are executed. Half of a surrogate pair is a question mark from the start, which it becomes in Java when it is encoded.
//
// Where Velocity's lexer loses characters, such as a lone $ in front of a directive, they are text here; where it takes what follows a
// reference for a part of it, as in $x{y} and $list.get(0)y.z, there is a parse error.
// Not found are parentheses, brackets and blanks that it garbles behind two references, or a reference and a #set, without text in between.
//
// # Limits
//
// No template and no data can make the engine panic, run for long or use much memory: Limits bound the template, loops, output, strings
// and the work of one execution; nesting is bounded when parsing, rendering and comparing; regular expressions have a timeout.
package vtl
