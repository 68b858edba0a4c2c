using System.Security.Cryptography;
using System.Text;
using VioActors.Contracts;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.Site;

/// <summary>What each message means to a site. Specs are decided in <see cref="SiteApply"/>.</summary>
internal static class SiteDecider
{
    internal static Decision Decide(SiteState state, object message, in TurnInfo info)
    {
        if (SiteAccess.Check(message, info) is { } denied)
            return Decision.Refuse(denied);
        if (message is InitialiseSite first)
            return state.Site is null
                ? Decision.Nothing.Record(new SiteInitialised(first.Site, first.Name))
                : Decision.Nothing;
        if (state.Site is not { } site)
            return Decision.Refuse(SiteRefusals.NotInitialised(info.Self.Id));
        return message switch
        {
            IssueJoinToken ask => Issue(state, ask, info.Now),
            RedeemJoinToken ask => Redeem(state, ask, info),
            PutUser ask => Put(state, ask),
            RemoveUser ask => Remove(state, ask),
            PutImage ask => ImageRule.Refuse(state, ask.Image) ?? Decision.Nothing.Record(new ImagePut(ask.Image)),
            RemoveImage ask => state.Images.ContainsKey(ask.Name)
                ? Decision.Nothing.Record(new ImageRemoved(ask.Name))
                : Decision.Refuse(SiteRefusals.NotFound("image", ask.Name, state.Images.Keys)),
            RecordAdoption ask => Decision.Nothing.Record(new StoreAdopted(ask.Generation, ask.Position)),
            ApplySpec ask => SiteApply.Decide(state, site, ask, info),
            SetReach ask => ReachRule.Set(state, ask.Reach),
            HostCapacity told => Note(state, told),
            HostDrains told => state.Members.TryGetValue(told.Host, out var member) && member.Drains != told.Drains
                ? Decision.Nothing.Record(new HostDrainSet(told.Host, told.Drains))
                : Decision.Nothing,
            ProposePlacement ask => Propose(state, ask, info.Now),
            ReleaseName gone => state.Directory.ContainsKey(gone.Environment)
                ? Decision.Nothing.Record(new NameReleased(gone.Environment))
                : Decision.Nothing,
            _ => throw new InvalidOperationException($"{message.GetType().Name} was let in but is not decided."),
        };
    }

    private static Decision Propose(SiteState state, ProposePlacement ask, DateTimeOffset now)
    {
        var answer = Placement.Answer(state, ask, now);
        var decision = answer.Failure is null && ask.Needs.Count > 0
            ? Decision.Nothing.Record(new PlacementProposed(ask.Environment, Placement.Rooms(ask, answer), now))
            : Decision.Nothing;
        return decision.Tell(new ActorKey(ActorKinds.Environment, ask.Environment.Value), answer);
    }

    private static Decision Issue(SiteState state, IssueJoinToken ask, DateTimeOffset now)
    {
        if (ask.Role != Role.Agent)
            return Decision.Refuse(SiteRefusals.TokenRole(ask.Role));
        if (!NameRule.Accepts(ask.HostName))
            return Decision.Refuse(SiteRefusals.Name("host", ask.HostName));
        if (!NameRule.IsSha256(ask.SecretSha256))
            return Decision.Refuse(SiteRefusals.Hash("hash of the token's secret"));
        if (ask.ExpiresAt <= now || ask.ExpiresAt > now + SiteLimits.TokenLifetime)
            return Decision.Refuse(SiteRefusals.TokenLifetime(ask.TokenId, ask.ExpiresAt, now));
        if (state.Tokens.ContainsKey(ask.TokenId))
            return Decision.Refuse(SiteRefusals.TokenTaken(ask.TokenId));
        if (state.Member(ask.HostName) is null && state.Members.Count >= SiteLimits.Members)
            return Decision.Refuse(SiteRefusals.Full("hosts", SiteLimits.Members));

        // Tokens are forgotten when a new one is made, so that their number stays bounded without a timer.
        var expired = state.Tokens.Where(token => token.Value.ExpiresAt <= now).Select(token => token.Key).ToArray();
        if (state.Tokens.Count - expired.Length >= SiteLimits.Tokens)
            return Decision.Refuse(SiteRefusals.Full("join tokens", SiteLimits.Tokens));
        return Decision.Nothing
            .Record([.. expired.Select(id => new JoinTokenExpired(id))])
            .Record(new JoinTokenIssued(ask.TokenId, ask.SecretSha256, ask.Role, ask.HostName, ask.ExpiresAt));
    }

    private static Decision Redeem(SiteState state, RedeemJoinToken ask, in TurnInfo info)
    {
        if (!state.Tokens.TryGetValue(ask.TokenId, out var token))
            return Decision.Refuse(SiteRefusals.TokenUnknown(ask.TokenId));
        // The secret first: who does not know it learns nothing of the token's fate.
        if (!SameText(token.SecretSha256, ask.SecretSha256))
            return Decision.Refuse(SiteRefusals.TokenSecret(ask.TokenId));
        if (token.UsedBy is not null)
            return Decision.Refuse(SiteRefusals.TokenUsed(ask.TokenId, token.HostName));
        if (token.ExpiresAt <= info.Now)
            return Decision.Refuse(SiteRefusals.TokenExpired(ask.TokenId, token.ExpiresAt));
        if (!NameRule.IsSha256(ask.KeySha256))
            return Decision.Refuse(SiteRefusals.Hash("hash of the host's key"));
        var known = state.Member(token.HostName);
        if (known is null && state.Members.Count >= SiteLimits.Members)
            return Decision.Refuse(SiteRefusals.Full("hosts", SiteLimits.Members));
        var host = known?.Host ?? HostId.From($"h-{info.DeriveId("host").ToString("N")[..16]}");
        return Decision.Nothing
            .Record(new HostJoined(ask.TokenId, host, token.HostName, ask.KeySha256))
            .Answer(new JoinAccepted(host, token.HostName));
    }

    private static bool SameText(string left, string right) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));

    private static Decision Put(SiteState state, PutUser ask)
    {
        if (!NameRule.Accepts(ask.Name) || ask.Name == Principal.System.Name)
            return Decision.Refuse(SiteRefusals.Name("user", ask.Name));
        if (ask.Role is not (Role.Viewer or Role.Owner or Role.Operator or Role.Admin))
            return Decision.Refuse(SiteRefusals.UserRole(ask.Name, ask.Role));
        if (!NameRule.IsSha256(ask.TokenSha256))
            return Decision.Refuse(SiteRefusals.Hash($"hash of the token of '{ask.Name}'"));
        if (!state.Users.ContainsKey(ask.Name) && state.Users.Count >= SiteLimits.Users)
            return Decision.Refuse(SiteRefusals.Full("users", SiteLimits.Users));
        if (ask.Role != Role.Admin && IsLastAdmin(state, ask.Name))
            return Decision.Refuse(SiteRefusals.LastAdmin(ask.Name));
        return Decision.Nothing.Record(new UserPut(ask.Name, ask.Role, ask.TokenSha256));
    }

    private static Decision Remove(SiteState state, RemoveUser ask)
    {
        if (!state.Users.ContainsKey(ask.Name))
            return Decision.Refuse(SiteRefusals.NotFound("user", ask.Name, state.Users.Keys));
        return IsLastAdmin(state, ask.Name)
            ? Decision.Refuse(SiteRefusals.LastAdmin(ask.Name))
            : Decision.Nothing.Record(new UserRemoved(ask.Name));
    }

    private static bool IsLastAdmin(SiteState state, string name) =>
        state.Users.TryGetValue(name, out var user) && user.Role == Role.Admin
        && state.Users.Values.Count(other => other.Role == Role.Admin) == 1;

    private static Decision Note(SiteState state, HostCapacity told)
    {
        if (!state.Members.TryGetValue(told.Host, out var member))
            return Decision.Refuse(SiteRefusals.NotMember(told.Host));
        return member.Capacity == told
            ? Decision.Nothing
            : ReachRule.Moved(state, member, Decision.Nothing.Record(new HostCapacityChanged(told)));
    }
}
