using System.Security.Cryptography;
using VioActors.Daemon.Security;

namespace VioActors.Daemon.Agent.Fabric;

/// <summary>Renews the certificate at half of its life, while the agent runs.</summary>
internal sealed class CertificateRenewal(AgentIdentity identity, FabricHttp http, TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan Retry = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            var wait = DueAt() - clock.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait < LongestWait ? wait : LongestWait, clock, cancel);
                continue;
            }
            try
            {
                await http.RenewAsync(clock.GetUtcNow(), cancel);
                log.Renewed(new DateTimeOffset(identity.Leaf.NotAfter));
            }
            catch (Exception failed) when (failed is HttpRequestException or CryptographicException or IOException)
            {
                log.NotRenewed(IsTooLate()
                    ? $"it ended at {identity.Leaf.NotAfter.ToUniversalTime():u}, longer ago than a site renews. "
                        + "Next step: 'vio agent rejoin' with a new token, then start the agent again"
                    : failed.Message);
                await Task.Delay(Retry, clock, cancel);
            }
        }
    }

    private bool IsTooLate() => new DateTimeOffset(identity.Leaf.NotAfter) + SiteTrust.RenewalGrace < clock.GetUtcNow();

    private DateTimeOffset DueAt()
    {
        var (from, to) = (new DateTimeOffset(identity.Leaf.NotBefore), new DateTimeOffset(identity.Leaf.NotAfter));
        return from + ((to - from) / 2);
    }
}
