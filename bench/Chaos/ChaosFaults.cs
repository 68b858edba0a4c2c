namespace VioActors.Bench.Chaos;

/// <summary>One kind of fault; healed when it returns.</summary>
/// <param name="Name">For people.</param>
/// <param name="DoAsync">Does it.</param>
internal sealed record ChaosFault(string Name, Func<Task> DoAsync);

/// <summary>Draws faults and counts them.</summary>
internal sealed class ChaosFaults(ChaosSite site, ChaosDice dice, BenchRun run)
{
    private readonly ChaosFault[] _all =
    [
        .. new ServerFaults(site, dice, run).All, .. new ConnectionFaults(site, dice).All,
        .. new DatabaseFaults(site, dice).All,
    ];

    /// <summary>How often each was done.</summary>
    public SortedDictionary<string, int> Done { get; } = new(StringComparer.Ordinal);

    /// <summary>One fault, drawn.</summary>
    public Task StrikeAsync() => DoAsync(dice.Of(_all));

    /// <summary>This fault.</summary>
    public async Task DoAsync(ChaosFault fault)
    {
        run.Note($"  {fault.Name}");
        Done[fault.Name] = Done.GetValueOrDefault(fault.Name) + 1;
        await fault.DoAsync();
    }
}
