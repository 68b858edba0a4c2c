using System.Text.Json;
using System.Text.Json.Nodes;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Contracts.Sites;
using VioActors.Daemon.Server;
using VioActors.Runtime;

namespace VioActors.Daemon.Api;

/// <summary>
/// What one caller may see of the journal: owners see their environments and nothing of hosts or others. Hashes of
/// secrets are shown to nobody. Belongs to one stream.
/// </summary>
internal sealed class EventFilter(SiteActors actors, Principal caller)
{
    private const int MostOwners = 4096;
    private static readonly string[] Hidden = ["secretSha256", "tokenSha256"];
    private readonly Dictionary<string, string> _owners = [];

    /// <summary>The event as the caller may see it; null when it may not.</summary>
    public async Task<EventView?> ShowAsync(JournalEntry entry, CancellationToken cancel) =>
        await MaySeeAsync(entry, cancel)
            ? new EventView(entry.Position, entry.Actor.ToString(), entry.Body.Name, entry.At, entry.Principal,
                Data(entry.Body.Json))
            : null;

    /// <summary>An event's data without hashes of secrets.</summary>
    public static JsonElement Data(string json)
    {
        if (!Array.Exists(Hidden, name => json.Contains(name, StringComparison.Ordinal)))
            return JsonElement.Parse(json);
        var node = JsonNode.Parse(json)!;
        foreach (var name in Hidden)
            node.AsObject().Remove(name);
        return JsonSerializer.SerializeToElement(node);
    }

    private async Task<bool> MaySeeAsync(JournalEntry entry, CancellationToken cancel)
    {
        if (caller.Role is Role.Viewer or Role.Operator or Role.Admin)
            return true;
        return entry.Actor.Kind switch
        {
            ActorKinds.Environment or ActorKinds.Network =>
                caller.MaySee(await OwnerAsync(EnvironmentId.From(entry.Actor.Id), cancel)),
            ActorKinds.Site => entry.Event is EnvironmentNamed named && caller.MaySee(named.Owner),
            _ => false,
        };
    }

    private async Task<string> OwnerAsync(EnvironmentId id, CancellationToken cancel)
    {
        if (_owners.TryGetValue(id.Value, out var known))
            return known;
        var owner = (await actors.EnvironmentAsync(id, cancel))?.Owner ?? "";
        if (owner.Length > 0 && _owners.Count < MostOwners)
            _owners.Add(id.Value, owner);
        return owner;
    }
}
