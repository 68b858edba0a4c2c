using System.Collections.Concurrent;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Daemon.Server.Agents;

/// <summary>
/// Asks agents what they measured, and puts the times of one whose clock is off on this server's clock. Thread-safe.
/// </summary>
internal sealed class SampleReader(AgentConnections agents, TimeProvider clock)
{
    /// <summary>Clocks that differ by less count as equal: answers need a while to arrive.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(500);

    // By how much a host's clock is ahead, kept so that a sample has the same time in every answer.
    private readonly ConcurrentDictionary<HostId, TimeSpan> _ahead = new();

    /// <summary>The good samples that ended within the last so long.</summary>
    /// <exception cref="SamplesMissingException">The host is away or cannot say.</exception>
    public async Task<HostSamples> ReadAsync(HostId host, TimeSpan last, TimeSpan limit, CancellationToken cancel) =>
        SampleCheck.Good(
            (await LookAsync(host, clock.GetUtcNow() - last, limit, cancel)).Samples, Tolerance);

    /// <summary>All samples that ended after a time, by the server's clock; null asks for all it keeps.</summary>
    /// <exception cref="SamplesMissingException">The host is away or cannot say.</exception>
    public async Task<HostLook> LookAsync(
        HostId host, DateTimeOffset? since, TimeSpan limit, CancellationToken cancel)
    {
        var known = _ahead.GetValueOrDefault(host);
        var (samples, ahead) = await AskAsync(host, since + known, limit, cancel);
        if ((ahead - known).Duration() > Tolerance)
        {
            // Asked by a wrong clock; the second question is by the right one.
            _ahead[host] = known = ahead.Duration() > Tolerance ? ahead : TimeSpan.Zero;
            if (since is not null) (samples, _) = await AskAsync(host, since + known, limit, cancel);
        }

        return new HostLook(SampleCheck.Shifted(samples, known), known);
    }

    private async Task<(HostSamples Samples, TimeSpan Ahead)> AskAsync(
        HostId host, DateTimeOffset? since, TimeSpan limit, CancellationToken cancel)
    {
        var agent = agents.Find(host) ?? throw new SamplesMissingException(agents.Unreachable(host));
        var started = clock.GetTimestamp();
        var answer = await WaitAsync(agent, since, limit, cancel);
        if (answer.Samples is not { } samples)
            throw new SamplesMissingException(answer.Failure ?? new Failure(
                "agent-answer", $"The agent of host {host} answered 'samples' without any.",
                "Update 'vio' on that host."));
        return (samples, samples.Now - (clock.GetUtcNow() - clock.GetElapsedTime(started) / 2));
    }

    private async Task<AgentAnswer> WaitAsync(
        AgentConnection agent, DateTimeOffset? since, TimeSpan limit, CancellationToken cancel)
    {
        try
        {
            return await agent.QueryAsync(new AgentQuery { Id = "", Ask = "samples", Since = since }, limit, cancel);
        }
        catch (Exception lost) when (lost is AgentLostException or TimeoutException)
        {
            throw new SamplesMissingException(
                new Failure(FailureCode.HostUnreachable, lost.Message, "Try again."), lost);
        }
    }
}

/// <summary>What a host answered.</summary>
/// <param name="Samples">Good and bad ones, in the server's time.</param>
/// <param name="Ahead">By how much the host's clock is ahead; nothing when it is about right.</param>
internal sealed record HostLook(HostSamples Samples, TimeSpan Ahead);

/// <summary>A host's samples are not to be had now.</summary>
/// <param name="why">Names the host and the next step.</param>
/// <param name="inner">The cause.</param>
internal sealed class SamplesMissingException(Failure why, Exception? inner = null) : Exception(why.Reason, inner)
{
    /// <summary>As an answer.</summary>
    public Failure Why { get; } = why;
}
