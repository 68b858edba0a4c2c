using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Daemon.Demo;

namespace VioActors.Bench.Overheads;

/// <summary>
/// An environment whose guests compute in lockstep: in each round the same work, then a message from each to each. Runs
/// of it follow each other by themselves, with a rest between; this follows them by what the first guest says.
/// </summary>
internal sealed class ParallelProgram(BenchRun run, DemoContext demo, ProgramSize size)
{
    private const int Lines = 40;
    private const int Turns = 1000;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Boot = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(70);
    private static readonly TimeSpan LongestMove = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(6);
    private readonly IReadOnlyList<string> _guests = [.. demo.Astro.Nodes.Select(node => node.Name)];
    private ParallelPlace _place = new(-1, 0);

    /// <summary>The environment; all of it on one host.</summary>
    public static EnvironmentSpec Spec(EnvironmentSpec like, ProgramSize size, string host) => like with
    {
        Nodes =
        [
            .. Enumerable.Range(1, size.Guests).Select(number => new NodeSpec
            {
                Name = $"p{number}",
                Image = "tiny",
                MemoryMiB = 128 + size.HeldMiB,
                Host = host,
                KernelArguments = $"vio.parallel={size.Rounds}:{Turns}:{size.HeldMiB}",
            }),
        ],
    };

    /// <summary>Boots the guests.</summary>
    public Task CreateAsync() => Environments.CreateAsync(run, demo, demo.Astro, Boot);

    /// <summary>The next run.</summary>
    /// <param name="during">Begins when a quarter of it is done.</param>
    /// <returns>Seconds from its first barrier to its last.</returns>
    public async Task<double> RunAsync(Func<Task>? during = null)
    {
        await ReachAsync(_place);
        var next = new ParallelPlace(_place.Run + 1, 0);
        var started = await ReachAsync(next);
        Task? work = null;
        if (during is not null)
        {
            await ReachAsync(next with { Round = size.Rounds / 4 });
            work = during();
        }

        var ended = await ReachAsync(next with { Round = size.Rounds });
        if (work is { IsCompleted: false })
        {
            await work;
            throw new BenchException("The move outlasted the run it began in. Next step: more --rounds.");
        }

        await (work ?? Task.CompletedTask);
        await AllReachedAsync(next with { Round = size.Rounds });
        return run.Time.GetElapsedTime(started, ended).TotalSeconds;
    }

    /// <summary>Moves all guests together to the other host.</summary>
    public async Task<WholeMove> MoveAsync()
    {
        var (from, before, started) = (await HostAsync(), _place, run.Time.GetTimestamp());
        var to = await demo.OtherHostAsync(from, run.Cancel);
        var nodes = await Task.WhenAll(_guests.Select(async guest =>
        {
            var accepted = await demo.Api.MoveAsync(demo.Name(guest), new MoveBody(to), run.Cancel);
            var end = await demo.FinishAsync(accepted.Operation, _ => { }, LongestMove, run.Cancel);
            return end.Move ?? throw new BenchException($"The move of {guest} ended without statistics.");
        }));
        var took = run.Time.GetElapsedTime(started).TotalSeconds;
        var now = await HostAsync();
        if (now != to) throw new BenchException($"The guests are on {now} after their move to {to}.");
        var done = _place.Run == before.Run ? _place.Round - before.Round : size.Rounds - before.Round;
        run.Note($"all guests from {from} to {to} in {took:0.0} s, {done} rounds meanwhile");
        return new WholeMove(nodes, took, done);
    }

    /// <summary>Control of the barriers: rounds that the others do after one guest was stopped.</summary>
    public async Task<int> StallAsync()
    {
        var start = new ParallelPlace(_place.Run + 1, 1);
        await ReachAsync(start);
        var stop = await demo.Api.StopAsync(demo.Name(_guests[^1]), graceSeconds: 0, run.Cancel);
        await demo.FinishAsync(stop.Operation, _ => { }, LongestMove, run.Cancel);
        await LookAsync();
        var before = _place;
        await Task.Delay(Stall, run.Time, run.Cancel);
        await LookAsync();
        return _place.Run == before.Run ? _place.Round - before.Round : size.Rounds;
    }

    private async Task<string> HostAsync()
    {
        var hosts = (await Task.WhenAll(_guests.Select(guest => demo.HostOfAsync(guest, run.Cancel)))).Distinct();
        return hosts.Order().ToArray() is [var host] ? host
            : throw new BenchException("The guests are not all on one host.");
    }

    // When the first guest was seen to have passed that barrier, which all others have reached then.
    private async Task<long> ReachAsync(ParallelPlace place)
    {
        var started = run.Time.GetTimestamp();
        while (true)
        {
            var looked = run.Time.GetTimestamp();
            await LookAsync();
            if (_place.CompareTo(place) >= 0) return looked;
            if (run.Time.GetElapsedTime(started) > LongestRun)
                throw new BenchException(
                    $"The program is at {_place} and did not get to {place} in {LongestRun.TotalSeconds:0} s: "
                    + "a message was lost for good, or the machine is too slow.");
            await Task.Delay(Look, run.Time, run.Cancel);
        }
    }

    private async Task LookAsync()
    {
        if (await PlaceOfAsync(_guests[0]) is { } place && place.CompareTo(_place) > 0) _place = place;
    }

    private Task AllReachedAsync(ParallelPlace place) => Task.WhenAll(_guests.Select(guest => demo.WaitAsync(
        $"{guest} to say {place}", LongestMove,
        async () => await PlaceOfAsync(guest) is not { } at ? "nothing"
            : at.CompareTo(place) >= 0 ? null : at.ToString(), run.Cancel)));

    private async Task<ParallelPlace?> PlaceOfAsync(string guest) => ParallelPlace.Last(
        guest, await demo.Api.LogsAsync(demo.Name(guest), Lines, run.Cancel));
}
