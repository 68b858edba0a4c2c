using VioActors.Contracts.Sites;

namespace VioActors.Actors.Site;

/// <summary>The state after an event: total, and free of decisions.</summary>
internal static class SiteEvolve
{
    internal static SiteState Apply(SiteState state, object @event) => @event switch
    {
        SiteInitialised e => state with { Site = e.Site, Name = e.Name },
        JoinTokenIssued e => state with
        {
            Tokens = state.Tokens.SetItem(
                e.TokenId, new JoinToken(e.SecretSha256, e.Role, e.HostName, e.ExpiresAt, UsedBy: null)),
        },
        JoinTokenExpired e => state with { Tokens = state.Tokens.Remove(e.TokenId) },
        HostJoined e => Join(state, e),
        HostCapacityChanged e => Capacity(state, e.Capacity),
        HostDrainSet e => state with
        {
            Members = state.Members.SetItem(e.Host, state.Members[e.Host] with { Drains = e.Drains }),
        },
        PlacementProposed e => Propose(state, e),
        UserPut e => state with { Users = state.Users.SetItem(e.Name, new SiteUser(e.Role, e.TokenSha256)) },
        UserRemoved e => state with { Users = state.Users.Remove(e.Name) },
        ImagePut e => state with { Images = state.Images.SetItem(e.Image.Name, e.Image) },
        ImageRemoved e => state with { Images = state.Images.Remove(e.Name) },
        EnvironmentNamed e => state with
        {
            Directory = state.Directory.SetItem(e.Environment, new DirectoryEntry(e.Owner, e.Name)),
        },
        NameReleased e => state with { Directory = state.Directory.Remove(e.Environment) },
        StoreAdopted => state,
        ReachSet e => state with { Reach = e.Reach, ReachVersion = state.ReachVersion + 1 },
        _ => throw new InvalidOperationException($"A site has no event {@event.GetType().Name}."),
    };

    private static SiteState Join(SiteState state, HostJoined e)
    {
        var known = state.Members.GetValueOrDefault(e.Host);
        var tokens = state.Tokens.TryGetValue(e.TokenId, out var token)
            ? state.Tokens.SetItem(e.TokenId, token with { UsedBy = e.Host })
            : state.Tokens;
        return state with
        {
            Tokens = tokens,
            Members = state.Members.SetItem(e.Host, new SiteMember(e.Host, e.Name, e.KeySha256, known?.Capacity)
            {
                Drains = known is { Drains: true },
            }),
        };
    }

    private static SiteState Capacity(SiteState state, HostCapacity capacity)
    {
        if (!state.Members.TryGetValue(capacity.Host, out var member)) return state;
        var left = state.Proposed.GetValueOrDefault(capacity.Host)?.After(member.Capacity, capacity);
        return state with
        {
            Members = state.Members.SetItem(capacity.Host, member with { Capacity = capacity }),
            Proposed = left is null
                ? state.Proposed.Remove(capacity.Host)
                : state.Proposed.SetItem(capacity.Host, left),
            ReachVersion = member.Capacity?.SwitchEndpoint == capacity.SwitchEndpoint
                ? state.ReachVersion
                : state.ReachVersion + 1,
        };
    }

    private static SiteState Propose(SiteState state, PlacementProposed e)
    {
        var proposed = state.Proposed.ToBuilder();
        foreach (var room in e.Rooms)
            proposed[room.Host] = (state.ProposedOn(room.Host, e.At) ?? new Proposed(0, 0, e.At)).More(room, e.At);
        return state with { Proposed = proposed.ToImmutable() };
    }
}
