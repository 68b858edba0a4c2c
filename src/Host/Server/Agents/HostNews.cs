using System.Collections.Concurrent;
using VioActors.Contracts;
using VioActors.Contracts.Hosts;
using VioActors.Runtime;

namespace VioActors.Daemon.Server.Agents;

/// <summary>
/// Tells the host actors who is connected. Coming is told at once, going only after the grace, so that an agent that
/// restarts costs nobody a placement. News of one host are told one after the other. Agents connect to every server;
/// the one that owns the host's actor, and carries its effects out, is the one that tells.
/// </summary>
internal sealed class HostNews(
    SiteActors actors, AgentConnections agents, TimeSpan grace, TimeProvider clock, ILogger<HostNews> log)
        : BackgroundService
{
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<HostId, SemaphoreSlim> _turns = new();
    private readonly ConcurrentDictionary<HostId, long> _toldUnder = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>
    /// The host connected; returns when its actor knows, or when the connection is no longer the newest, or when
    /// another server owns the actor.
    /// </summary>
    public Task CameAsync(AgentConnection connection, HostConnected hello)
    {
        if (actors.EpochOf(connection.Host) is { } epoch)
            _toldUnder[connection.Host] = epoch;
        return TellAsync(
            connection.Host, hello, new Principal(connection.Host.Value, Role.Agent), () =>
                agents.Find(connection.Host) == connection);
    }

    /// <summary>
    /// Tells the host's actor of machines that end, until <paramref name="over"/>; then the next hello tells it.
    /// </summary>
    public async Task EndedAsync(AgentConnection connection, CancellationToken over)
    {
        try
        {
            while (true)
            {
                var nodes = await connection.Ended.TakeAsync(over);
                await TellAsync(connection.Host, new HostNodesEnded(connection.Host, nodes),
                    new Principal(connection.Host.Value, Role.Agent), () => agents.Find(connection.Host) == connection);
            }
        }
        catch (OperationCanceledException)
        {
            // The connection or the server ended.
        }
    }

    /// <summary>The host's connection is gone; its actor is told after the grace unless it is back.</summary>
    public void Went(HostId host) => _ = TellGoneAsync(host);

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _stopping.Dispose();
        base.Dispose();
    }

    /// <summary>
    /// After a start or a takeover: hosts whose agents are connected say again what they see, and hosts that were
    /// connected to the server that ended and do not come here are away.
    /// </summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var changed = actors.OwnershipChanged;
            try
            {
                foreach (var host in (await actors.SiteAsync(stoppingToken)).Members.Keys)
                    Taken(host);
                await changed.WaitAsync(stoppingToken);
            }
            catch (Exception away) when (away is NotServingException or ActorQuarantinedException)
            {
                log.MembersUnread(away.Message);
                await Task.Delay(RetryEvery, clock, stoppingToken);
            }
        }
    }

    private void Taken(HostId host)
    {
        if (actors.EpochOf(host) is not { } epoch || _toldUnder.GetValueOrDefault(host) == epoch)
            return;
        _toldUnder[host] = epoch;
        // Out of the registry first: whoever asks the host from now on waits for the next connection.
        if (agents.Find(host) is { } connection && agents.Remove(connection))
            connection.Close("this server has taken its host over: say hello again");
        Went(host);
    }

    private async Task TellGoneAsync(HostId host)
    {
        try
        {
            await Task.Delay(grace, clock, _stopping.Token);
            await TellAsync(host, new HostDisconnected(host), Principal.System, () => agents.Find(host) is null);
        }
        catch (OperationCanceledException)
        {
            // The server stops; the next one starts with the grace again.
        }
    }

    private async Task TellAsync(HostId host, object message, Principal by, Func<bool> stillTrue)
    {
        var turn = _turns.GetOrAdd(host, _ => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(_stopping.Token);
        try
        {
            while (stillTrue() && actors.EpochOf(host) is not null)
            {
                if (await TryTellAsync(host, message, by))
                    return;
                await Task.Delay(RetryEvery, clock, _stopping.Token);
            }
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<bool> TryTellAsync(HostId host, object message, Principal by)
    {
        try
        {
            var result = await actors.TryAskAsync(SiteActors.Key(host), message, by, cancel: _stopping.Token);
            if (result.Refusal is { } refusal)
                log.NewsRefused(host.Value, message.GetType().Name, refusal.Reason);
            return result.Busy is null;
        }
        catch (Exception away) when (away is OutcomeUnknownException or NotServingException)
        {
            log.NewsLate(host.Value, message.GetType().Name, away.Message);
            return false;
        }
    }
}
