// The build, for people (./vio) and CI alike. Run with: dotnet cake --target=Test
#load "build/results.cake"

var target = Argument("target", "Test");
var bench = Argument("bench", "");
const string Configuration = "Release";
var solution = "VioActors.sln";
var results = Directory("artifacts/tests");

// Runs a program and returns its exit code; what it printed is shown only when it failed. Without Cake's own process
// runner, whose reader of redirected output keeps a core busy until the program ends.
int Quiet(string program, string[] arguments, string log, bool show = true)
{
    var lines = new List<string>();
    var start = new System.Diagnostics.ProcessStartInfo(program, arguments)
    {
        RedirectStandardOutput = true, RedirectStandardError = true,
    };
    using var process = System.Diagnostics.Process.Start(start);
    System.Threading.Tasks.Task Read(System.IO.StreamReader from) => System.Threading.Tasks.Task.Run(() =>
    {
        while (from.ReadLine() is { } line) { lock (lines) { lines.Add(line); } }
    });
    var readers = new[] { Read(process.StandardOutput), Read(process.StandardError) };
    process.WaitForExit(int.MaxValue);
    // A build server that outlives the program may keep its output open.
    System.Threading.Tasks.Task.WaitAll(readers, TimeSpan.FromSeconds(5));
    EnsureDirectoryExists("artifacts");
    lock (lines)
    {
        System.IO.File.WriteAllLines($"artifacts/{log}.log", lines);
        if (show && process.ExitCode != 0) { lines.ForEach(Console.WriteLine); }
    }
    return process.ExitCode;
}

void DotNet(string log, params string[] words)
{
    if (Quiet("dotnet", words, log) != 0) { throw new CakeException($"dotnet {words[0]} failed"); }
}

Task("Restore").Does(() => DotNet("restore", "restore", solution));

Task("Build").IsDependentOn("Restore")
    .Does(() => DotNet("build", "build", solution, "-c", Configuration, "--no-restore", "-v", "quiet"));

Task("Format").IsDependentOn("Restore")
    .Does(() => DotNet("format", "format", "whitespace", solution, "--verify-no-changes", "--no-restore"));

Task("Test").IsDependentOn("Build").IsDependentOn("Format").Does(() =>
{
    CleanDirectory(results);
    // Of the samples, those that are tests.
    var projects = GetFiles("tests/*/*.csproj")
        .Concat(GetFiles("samples/*/*.csproj").Where(file => System.IO.File.ReadAllText(file.FullPath).Contains("xunit.v3")))
        .ToDictionary(file => file.GetFilenameWithoutExtension().ToString(), file => file.GetDirectory().FullPath);
    var names = projects.Keys.Order().ToList();
    // EndToEnd measures time and owns system resources: it runs alone, after the others.
    var together = names.Where(name => name != "EndToEnd");
    var options = new System.Threading.Tasks.ParallelOptions { MaxDegreeOfParallelism = 2 };
    System.Threading.Tasks.Parallel.ForEach(together, options, name => RunTests(name, projects[name]));
    names.Where(name => name == "EndToEnd").ToList().ForEach(name => RunTests(name, projects[name]));

    var summary = TestSummary.Read(results, names, exitCodes);
    Console.Write(summary.Text);
    System.IO.File.WriteAllText($"{results}/summary.txt", summary.LastLine + "\n");
    if (summary.Failed > 0) { throw new CakeException(summary.LastLine); }
});

var exitCodes = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();

// Test projects are programs: running them needs no test host and no second build. The summary shows what failed.
void RunTests(string name, string directory)
{
    var program = $"{directory}/bin/{Configuration}/net10.0/VioActors.{name}";
    if (FileExists(program))
    {
        exitCodes[name] = Quiet(program, ["-noLogo", "-trx", $"{results}/{name}.trx"], $"test-{name}", show: false);
    }
}

Task("Bench").IsDependentOn("Build").Does(() =>
{
    if (!FileExists("bench/bench.csproj")) { throw new CakeException("there is no bench/bench.csproj"); }
    DotNet("bench", "run", "--project", "bench", "-c", Configuration, "--", bench);
});

// The executable, and the packages of the libraries with all that they need.
Task("Pack").IsDependentOn("Build").Does(() =>
{
    DotNet("publish", "publish", "src/Host/Host.csproj", "-c", Configuration, "--no-restore", "-o", "artifacts/vio");
    CleanDirectory("artifacts/packages");
    foreach (var library in new[] { "TestKit", "Embedding" })
    {
        DotNet($"pack-{library}", "pack", $"src/{library}", "-c", Configuration, "--no-restore", "-o", "artifacts/packages");
    }
});

RunTarget(target);
