namespace VioActors.Mutants;

/// <summary>
/// Puts each fault into a copy of its project, compiles that, and runs the simulation beside the other assemblies as
/// they are; two at a time. All begins at once and in the background: the source without a fault first.
/// </summary>
internal sealed class Campaign : IAsyncDisposable
{
    /// <summary>Seeds of each simulation, at most.</summary>
    private const int ClusterSeeds = 600;
    private const int SiteSeeds = 400;
    private static readonly TimeSpan RunLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan PatchLimit = TimeSpan.FromSeconds(30);

    private readonly string _root = Directory.CreateTempSubdirectory("vio-mutants-").FullName;
    private readonly SemaphoreSlim _places = new(2);
    private readonly Compiler _compiler = new();
    private readonly CancellationTokenSource _stop;
    private readonly Dictionary<string, Task<SimVerdict>> _verdicts = new(StringComparer.Ordinal);

    public Campaign(IReadOnlyList<Mutant> mutants, CancellationToken cancel)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Control = Lack is null ? ControlAsync() : Task.FromResult(new SimVerdict(false, null, Lack));
        foreach (var mutant in Lack is null ? mutants : [])
            _verdicts.Add(mutant.Name, AtAPlaceAsync(() => RunAsync(mutant)));
    }

    /// <summary>Why no patch can be applied here; null when it can.</summary>
    public string? Lack { get; } =
        Tool.Exists("git") || Tool.Exists("patch")
            ? null
            : "Needs git or patch to apply the mutants; neither is on the path.";

    /// <summary>What the simulation says of the source without a fault, under all seeds.</summary>
    public Task<SimVerdict> Control { get; }

    /// <summary>What it says of one with that fault.</summary>
    public Task<SimVerdict> VerdictAsync(Mutant mutant) => _verdicts[mutant.Name];

    /// <summary>How many mutants broke a rule.</summary>
    public async Task<int> CaughtAsync() =>
        (await Task.WhenAll(_verdicts.Values)).Count(verdict => verdict.Violation is not null);

    /// <summary>The sum of all, in words.</summary>
    public async Task<string> SummaryAsync() => $"mutants caught {await CaughtAsync()} of {_verdicts.Count}";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_verdicts.Values.Append(Control)).ContinueWith(
            _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        _compiler.Dispose();
        _stop.Dispose();
        _places.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private async Task<SimVerdict> ControlAsync()
    {
        string[] budgets =
        [
            SeedRun.Budget(SeedRun.Cluster, 1, ClusterSeeds), SeedRun.Budget(SeedRun.Site, 1, SiteSeeds),
        ];
        var halves = await Task.WhenAll(budgets.Select(budget =>
            AtAPlaceAsync(() => SimulateAsync(AppContext.BaseDirectory, budget))));
        return halves.FirstOrDefault(half => !half.Passed) ?? halves[0];
    }

    private async Task<SimVerdict> RunAsync(Mutant mutant)
    {
        var copy = Directory.CreateDirectory(Path.Combine(_root, mutant.Name)).FullName;
        var program = Directory.CreateDirectory(Path.Combine(copy, "bin")).FullName;
        foreach (var project in mutant.Projects)
            Copy(Path.Combine(Mutant.Root, project), Path.Combine(copy, project), isProject: true);
        if (await PatchAsync(mutant, copy) is { } misfit) return new SimVerdict(false, null, misfit);
        Copy(AppContext.BaseDirectory, program, isProject: false);
        foreach (var project in mutant.Projects)
        {
            if (await _compiler.CompileAsync(project, copy, program, _stop.Token) is { } errors)
                return new SimVerdict(false, null, $"{mutant.Name} does not compile.\n{errors}");
        }

        var verdict = await SimulateAsync(program, mutant.NeedsSite
            ? SeedRun.Budget(SeedRun.Site, 1, SiteSeeds)
            : SeedRun.Budget(SeedRun.Cluster, 1, ClusterSeeds));
        Directory.Delete(copy, recursive: true);
        return verdict;
    }

    private async Task<string?> PatchAsync(Mutant mutant, string copy)
    {
        var (program, arguments) = Tool.Exists("git")
            ? ("git", (string[])["apply", mutant.Path])
            : ("patch", ["-p1", "--batch", "--fuzz=0", "-i", mutant.Path]);
        var patched = await Tool.RunAsync(copy, PatchLimit, _stop.Token, program, arguments);
        return patched.ExitCode == 0
            ? null
            : $"{mutant.Name} does not fit the source any more: make it anew.\n{patched.Output}";
    }

    private async Task<SimVerdict> SimulateAsync(string directory, params string[] budgets) =>
        SimVerdict.Of(await Tool.RunAsync(
            directory, RunLimit, _stop.Token, "dotnet",
            ["VioActors.Mutants.dll", Program.Simulate, .. budgets]));

    private async Task<SimVerdict> AtAPlaceAsync(Func<Task<SimVerdict>> run)
    {
        await _places.WaitAsync(_stop.Token);
        try
        {
            // Not on the thread of whoever makes the campaign.
            return await Task.Run(run, _stop.Token);
        }
        finally
        {
            _places.Release();
        }
    }

    // Of a project also what its build wrote down, which the compiler reads; of a program all but the tests' results.
    private static void Copy(string folder, string target, bool isProject)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.EnumerateFiles(folder))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        foreach (var below in isProject ? Directory.EnumerateDirectories(folder) : [])
        {
            if (Path.GetFileName(below) != "bin")
                Copy(below, Path.Combine(target, Path.GetFileName(below)), isProject);
        }
    }
}
