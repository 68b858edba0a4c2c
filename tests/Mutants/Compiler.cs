using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace VioActors.Mutants;

/// <summary>
/// Compiles a changed copy of one project in less than a second: MSBuild tells once how the project is compiled, and
/// one compiler stays in memory for all mutants. Style is no concern of a mutant; that it compiles is.
/// </summary>
internal sealed class Compiler : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    // Neither style nor documentation, and the output goes elsewhere.
    private static readonly string[] Dropped =
        ["/noconfig", "/doc", "/refout", "/analyzerconfig", "/additionalfile", "/embed", "/warnaserror", "/out"];

    private readonly ConcurrentDictionary<string, Lazy<Task<Call>>> _calls = new(StringComparer.Ordinal);
    private readonly string _pipe = $"vio-mutants-{Guid.NewGuid():N}";
    private readonly Lock _lock = new();
    private Process? _server;

    private sealed record Call(string Directory, IReadOnlyList<string> Arguments);

    /// <summary>The build that these tests are part of: Debug or Release.</summary>
    private static string Configuration { get; } =
        Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;

    /// <summary>Compiles the project in this copy of the tree; the assembly replaces one of the same name.</summary>
    /// <param name="project">Directory of the project, from the root.</param>
    /// <param name="copy">The root of the copy.</param>
    /// <param name="output">Where the assembly goes.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Null, or what the compiler said.</returns>
    public async Task<string?> CompileAsync(string project, string copy, string output, CancellationToken cancel)
    {
        var call = await _calls.GetOrAdd(project, one => new Lazy<Task<Call>>(() => AskAsync(one, cancel))).Value;
        var directory = Path.Combine(copy, project);
        var name = $"VioActors.{Path.GetFileName(project)}";
        var response = Path.Combine(copy, $"{name}.rsp");
        await File.WriteAllLinesAsync(
            response, [.. call.Arguments, Quoted($"/out:{Path.Combine(output, $"{name}.dll")}")], cancel);
        StartServer(call.Directory);
        var compiled = await Tool.RunAsync(
            directory, Limit, cancel, "dotnet", Path.Combine(call.Directory, "csc.dll"), "-noconfig", "-nologo",
            $"-shared:{_pipe}", $"@{response}");
        return compiled.ExitCode == 0 ? null : compiled.Output;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_server is null) return;
        _server.Kill();
        _server.Dispose();
        File.Delete(Path.Combine(Path.GetTempPath(), _pipe)); // its socket
    }

    private static async Task<Call> AskAsync(string project, CancellationToken cancel)
    {
        var file = Path.Combine(Mutant.Root, project, $"{Path.GetFileName(project)}.csproj");
        var asked = await Tool.RunAsync(
            Mutant.Root, Limit, cancel, "dotnet", "msbuild", file, "-t:Compile", $"-p:Configuration={Configuration}",
            "-p:BuildProjectReferences=false", "-p:ProvideCommandLineArgs=true", "-p:SkipCompilerExecution=true",
            "-p:NonExistentFile=__always__", "-getItem:CscCommandLineArgs", "-getProperty:RoslynTargetsPath",
            "-nodeReuse:false");
        Assert.True(asked.ExitCode == 0, $"{project} does not tell how it is compiled.\n{asked.Output}");
        using var told = JsonDocument.Parse(asked.Output);
        var arguments = told.RootElement.GetProperty("Items").GetProperty("CscCommandLineArgs").EnumerateArray()
            .Select(item => item.GetProperty("Identity").GetString()!).Where(IsKept).Select(Quoted).ToList();
        Assert.NotEmpty(arguments);
        var roslyn = told.RootElement.GetProperty("Properties").GetProperty("RoslynTargetsPath").GetString()!;
        return new Call(Path.GetFullPath(Path.Combine(roslyn, "bincore")), arguments);
    }

    // Of the analyzers those that write code: they come with the framework.
    private static bool IsKept(string argument) =>
        !Dropped.Any(option => argument.StartsWith(option, StringComparison.Ordinal))
        && (!argument.StartsWith("/analyzer:", StringComparison.Ordinal)
            || argument.Contains("/packs/", StringComparison.Ordinal));

    private static string Quoted(string argument) => argument.Contains('"') ? argument : $"\"{argument}\"";

    // Ours, so that it can be ended. It ends by itself when nobody has asked it for a while.
    private void StartServer(string directory)
    {
        lock (_lock)
        {
            if (_server is not null) return;
            var start = new ProcessStartInfo(
                "dotnet", [Path.Combine(directory, "VBCSCompiler.dll"), $"-pipename:{_pipe}", "-keepalive:120"])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            _server = Process.Start(start)!;
            _server.BeginOutputReadLine();
            _server.BeginErrorReadLine();
        }
    }
}
