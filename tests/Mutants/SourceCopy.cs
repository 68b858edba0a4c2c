namespace VioActors.Mutants;

/// <summary>
/// A copy of what the simulation is made of, to be broken and mended. Made and built once; before any fault goes in,
/// the simulation runs on it as it is.
/// </summary>
public sealed class SourceCopy : IAsyncLifetime
{
    private const string Tests = "tests/Simulation.Tests";
    private const string Case = "*.SimSiteTests.Whatever_dies_no_rule_is_broken_and_everything_comes_to_rest";
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RunLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan PatchLimit = TimeSpan.FromSeconds(30);

    private static readonly string[] Folders =
    [
        "src/Contracts", "src/Runtime", "src/Actors.*", "src/Simulation", "src/TestKit", Tests,
    ];

    private static readonly string[] Files =
        ["Directory.*.props", "BannedSymbols*.txt", ".editorconfig", "global.json"];

    private readonly string _root = Directory.CreateTempSubdirectory("vio-mutants-").FullName;

    /// <summary>Why no patch can be applied here; null when it can.</summary>
    internal string? Lack { get; } =
        Tool.Exists("git") || Tool.Exists("patch")
            ? null
            : "Needs git or patch to apply the mutants; neither is on the path.";

    /// <summary>What the simulation said of the source without a fault.</summary>
    internal SimVerdict? Control { get; private set; }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (Lack is not null) return;
        foreach (var pattern in Folders) CopyFolders(pattern);
        foreach (var file in Files.SelectMany(pattern => Directory.EnumerateFiles(Mutant.Root, pattern)))
            File.Copy(file, Path.Combine(_root, Path.GetFileName(file)));
        var cancel = TestContext.Current.CancellationToken;
        var restored = await Tool.RunAsync(_root, BuildLimit, cancel, "dotnet", "restore", Tests, "-nodeReuse:false");
        Assert.True(restored.ExitCode == 0, $"The copy cannot be restored.\n{restored.Output}");
        await BuildAsync(cancel);
        Control = await RunAsync(cancel);
    }

    /// <summary>Puts the fault in, runs the simulation, takes the fault out again.</summary>
    internal async Task<SimVerdict> RunAsync(Mutant mutant, CancellationToken cancel)
    {
        await PatchAsync(mutant, undo: false, cancel);
        try
        {
            await BuildAsync(cancel);
            return await RunAsync(cancel);
        }
        finally
        {
            await PatchAsync(mutant, undo: true, CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Directory.Delete(_root, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task PatchAsync(Mutant mutant, bool undo, CancellationToken cancel)
    {
        var (program, arguments) = Tool.Exists("git")
            ? ("git", (string[])["apply", .. undo ? ["-R"] : (string[])[], mutant.Path])
            : ("patch", ["-p1", "--batch", "--fuzz=0", .. undo ? ["-R"] : (string[])[], "-i", mutant.Path]);
        var patched = await Tool.RunAsync(_root, PatchLimit, cancel, program, arguments);
        Assert.True(patched.ExitCode == 0,
            $"{mutant.Name} does not fit the source any more: make it anew.\n{patched.Output}");
    }

    /// <summary>Rules of style are no concern of a mutant; that it compiles is.</summary>
    private async Task BuildAsync(CancellationToken cancel)
    {
        var built = await Tool.RunAsync(
            _root, BuildLimit, cancel, "dotnet", "build", Tests, "--no-restore", "-v", "quiet", "-nodeReuse:false",
            "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false", "-p:GenerateDocumentationFile=false");
        Assert.True(built.ExitCode == 0, $"The copy does not build.\n{built.Output}");
    }

    private async Task<SimVerdict> RunAsync(CancellationToken cancel)
    {
        var program = Path.Combine(_root, Tests, "bin/Debug/net10.0/VioActors.Simulation.Tests.dll");
        return SimVerdict.Of(await Tool.RunAsync(
            _root, RunLimit, cancel, "dotnet", program, "-noLogo", "-noColor", "-method", Case));
    }

    private void CopyFolders(string pattern)
    {
        var parent = Path.GetDirectoryName(pattern)!;
        var folders = Directory.EnumerateDirectories(Path.Combine(Mutant.Root, parent), Path.GetFileName(pattern));
        foreach (var folder in folders) Copy(folder);
    }

    private void Copy(string folder)
    {
        var target = Path.Combine(_root, Path.GetRelativePath(Mutant.Root, folder));
        Directory.CreateDirectory(target);
        foreach (var file in Directory.EnumerateFiles(folder))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        foreach (var below in Directory.EnumerateDirectories(folder))
            if (Path.GetFileName(below) is not ("bin" or "obj" or "TestResults"))
                Copy(below);
    }
}
