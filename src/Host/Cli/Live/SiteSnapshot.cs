using System.Collections.Immutable;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli.Live;

/// <summary>
/// Everything the console shows, read at one time: <c>At</c> is a timestamp of the clock that measures rates.
/// </summary>
internal sealed record SiteSnapshot(
    long At, ClusterStatus Cluster, ImmutableArray<DeadLetterView> Letters, ImmutableArray<OperationView> Operations,
    ImmutableArray<HostView> Hosts, ImmutableArray<EnvironmentView> Environments)
{
    private const int MostLetters = 50;
    private const int MostOperations = 20;

    /// <summary>Reads it.</summary>
    /// <exception cref="CliException">The server does not answer, or the caller may not see all of it.</exception>
    public static async Task<SiteSnapshot> ReadAsync(ApiClient api, TimeProvider time, CancellationToken cancel)
    {
        var cluster = api.Cluster.LookAsync(cancel);
        var letters = api.Cluster.DeadLettersAsync(MostLetters, cancel);
        var operations = api.OperationsAsync(null, MostOperations, cancel);
        var hosts = api.HostsAsync(cancel);
        var environments = api.EnvironmentsAsync(cancel);
        await Task.WhenAll(cluster, letters, operations, hosts, environments);
        return new SiteSnapshot(
            time.GetTimestamp(), await cluster, await letters, await operations, await hosts, await environments);
    }

    /// <summary>
    /// Turns and commits per second of a server since an earlier snapshot; null when that knows it not.
    /// </summary>
    public (double Turns, double Commits)? RateOf(ServerView server, SiteSnapshot? before, TimeProvider time)
    {
        var then = before?.Cluster.Servers.FirstOrDefault(one => one.Incarnation == server.Incarnation)?.Stats;
        if (server.Stats is not { } now || then is null) return null;
        var seconds = time.GetElapsedTime(before!.At, At).TotalSeconds;
        return seconds <= 0 ? null : ((now.Turns - then.Turns) / seconds, (now.Commits - then.Commits) / seconds);
    }
}
