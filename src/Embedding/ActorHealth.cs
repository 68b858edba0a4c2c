using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace VioActors.Embedding;

/// <summary>Healthy while actors serve; degraded while some are quarantined; else unhealthy with the reason.</summary>
internal sealed class ActorHealth(ActorHost actors) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var stats = actors.Stats;
        var data = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["shardsOwned"] = stats.ShardsOwned,
            ["turns"] = stats.Turns,
            ["mailboxDepth"] = stats.MailboxDepth,
            ["effectsRunning"] = stats.EffectsRunning,
        };
        return Task.FromResult(stats switch
        {
            { IsServing: false } => new HealthCheckResult(
                context.Registration.FailureStatus, stats.Reason, data: data),
            { Quarantined.IsEmpty: false } => HealthCheckResult.Degraded(
                $"{stats.Quarantined.Count} actors stopped, the first {stats.Quarantined.First().Key}: "
                    + stats.Quarantined.First().Value, data: data),
            _ => HealthCheckResult.Healthy(data: data),
        });
    }
}
