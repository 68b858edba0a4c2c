using VioActors.Actors.Site;
using VioActors.Contracts;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Sites;
using VioActors.Embedding;
using VioActors.Runtime;

namespace VioActors.Embedded.Sample.Sites;

/// <summary>
/// Makes the site at the first start, and connects its two hosts at every start: after the actors, before requests.
/// </summary>
internal sealed class LocalSite(ActorHost actors, LocalHosts hosts, TimeProvider clock) : IHostedService
{
    public static readonly SiteId Id = SiteId.From("s0123456789abcdef");
    public static readonly ActorKey Key = new(ActorKinds.Site, Id.Value);
    private static readonly Principal Admin = new("sample", Role.Admin);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await AskAsync(Key, new InitialiseSite(Id, "sample"), Principal.System);
        await AskAsync(Key, new PutImage(new ImageDefinition(
            "tiny", new Blob(new string('a', 64), 1 << 20), new Blob(new string('b', 64), 1 << 20), null, "quiet")),
            Admin);
        foreach (var name in (string[])["a", "b"])
        {
            var site = await actors.ReadAsync<SiteState>(Key, cancellationToken);
            var id = site!.Member(name)?.Host ?? await JoinAsync(name);
            await AskAsync(new ActorKey(ActorKinds.Host, id.Value),
                new HostConnected(id, hosts.Add(id, name), [], Id), new Principal(id.Value, Role.Agent));
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<HostId> JoinAsync(string name)
    {
        var hash = new string('0', 64);
        await AskAsync(
            Key, new IssueJoinToken($"token-{name}", hash, Role.Agent, name, clock.GetUtcNow().AddMinutes(5)), Admin);
        var joined = await AskAsync(Key, new RedeemJoinToken($"token-{name}", hash, hash), Principal.System);
        return ((JoinAccepted)joined.Reply!).Host;
    }

    private async Task<AskResult> AskAsync(ActorKey to, object message, Principal by)
    {
        var result = await actors.AskAsync(to, message, by.ToString());
        return result.IsDone ? result : throw new InvalidOperationException(
            $"The site does not start: {result.Refusal?.Reason}{result.Busy?.Reason}");
    }
}
