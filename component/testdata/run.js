// Deploys the example in this folder with an inline program of the Automation API, which needs no language host, and prints
// the outputs: node run.js up REGION, node run.js destroy.
const { LocalWorkspace } = require("@pulumi/pulumi/automation");

async function main(command, region) {
    const stack = await LocalWorkspace.createOrSelectStack({
        projectName: "events",
        stackName: "dev",
        program: async () => require("./bin/index.js"),
    });
    if (command === "destroy") {
        await stack.destroy();
        return;
    }
    await stack.setConfig("aws:region", { value: region });
    const { outputs } = await stack.up();
    const values = Object.entries(outputs).map(([name, output]) => [name, output.value]);
    console.log(JSON.stringify(Object.fromEntries(values)));
}

main(...process.argv.slice(2)).catch((error) => {
    console.error(error);
    process.exit(1);
});
