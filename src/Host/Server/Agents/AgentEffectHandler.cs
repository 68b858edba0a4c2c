using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Hosts;
using VioActors.Runtime;

namespace VioActors.Daemon.Server.Agents;

/// <summary>
/// The effect <c>agent</c>: one command to one host. Commands are idempotent, so a broken connection means asking again
/// under the same id; a host that stays away for the grace is answered for with <c>host-unreachable</c>.
/// </summary>
internal sealed class AgentEffectHandler(AgentConnections agents, TimeSpan grace, TimeProvider clock) : IEffectHandler
{
    /// <inheritdoc/>
    public string Kind => ActorKinds.AgentEffect;

    /// <inheritdoc/>
    public async Task<object> RunAsync(ActorKey actor, Effect effect, CancellationToken cancel)
    {
        var call = (AgentCall)effect.Payload;
        var request = new AgentRequest
        {
            Id = effect.Id,
            Generation = call.Generation,
            Command = call.Command,
            By = call.By,
        };
        for (var attempt = 1; attempt <= AgentLimits.Attempts; attempt++)
        {
            if (await FindAsync(call.Host, cancel) is not { } agent)
                break;
            try
            {
                return new AgentAnswered(effect.Id, await agent.RequestAsync(request, cancel));
            }
            catch (AgentLostException)
            {
                // What the host did is unknown until it is asked again.
            }
            catch (ArgumentException tooLong)
            {
                return new AgentAnswered(effect.Id, AgentOutcome.Failed(
                    "command-too-long", tooLong.Message, "Shorten the kernel arguments of the node."));
            }
        }
        return new AgentAnswered(effect.Id, new AgentOutcome { Failure = agents.Unreachable(call.Host) });
    }

    /// <summary>The connection, now or within the grace since the host went away.</summary>
    private async Task<AgentConnection?> FindAsync(HostId host, CancellationToken cancel)
    {
        if (agents.Find(host) is { } now)
            return now;
        var left = (agents.AwaySince(host) ?? clock.GetUtcNow()) + grace - clock.GetUtcNow();
        if (left <= TimeSpan.Zero)
            return null;
        using var late = new CancellationTokenSource(left, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            return await agents.WaitAsync(host, both.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
    }
}
