using VioActors.Contracts.Agents;
using VioActors.Daemon.Server.Agents;
using VioActors.Runtime;

namespace VioActors.Daemon.Server.Restore;

/// <summary>Looks at the store every few seconds, and tells agents how far it is when that has changed.</summary>
internal sealed class StoreWatch(
    StoreGuard guard, AgentConnections agents, TimeProvider clock, ILogger<StoreWatch> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>Notes how far the store is now, so that the next start knows.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await guard.LookAsync();
        }
        catch (StoreUnavailableException)
        {
            // What was noted last stays true.
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        StoreMark? told = null;
        string? said = null;
        using var timer = new PeriodicTimer(LookEvery, clock);
        do
        {
            try
            {
                await guard.LookAsync();
            }
            catch (StoreUnavailableException)
            {
                // Whoever works on the store says so; what was seen of it stays true.
                continue;
            }
            if (guard.Behind?.Why.ToString() is var why && why != said)
            {
                said = why;
                if (why is null)
                    log.StoreIsCurrent();
                else
                    log.StoreIsBehind(why);
            }
            if (guard.Mark is not { } mark || mark == told)
                continue;
            told = mark;
            await Task.WhenAll(agents.All.Where(agent => agent.KeepsMarks)
                .Select(agent => agent.TellAsync(new StoreNotice { Mark = mark })));
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
