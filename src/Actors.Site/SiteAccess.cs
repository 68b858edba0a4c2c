using VioActors.Contracts;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.Site;

/// <summary>Who may send what to a site. Whatever is not listed is denied.</summary>
internal static class SiteAccess
{
    /// <summary>Null when the message may be decided; else why not.</summary>
    internal static Refusal? Check(object message, in TurnInfo info)
    {
        var by = Principal.Parse(info.Principal);
        return Allowed(message, info.Self, info.Sender, by)
            ? null
            : SiteRefusals.Forbidden(message, info.Sender, by);
    }

    private static bool Allowed(object message, ActorKey self, ActorKey? sender, Principal by) =>
        (sender, message) switch
        {
            (null, InitialiseSite or RedeemJoinToken) => by.Role == Role.System,
            (null, IssueJoinToken or PutUser or RemoveUser or PutImage or RemoveImage or RecordAdoption) =>
                by.MayAdminister,
            (null, SetReach) => by.MayOperateHosts,
            (null, ApplySpec ask) => by.MayChange(ask.Owner),
            ({ } from, HostCapacity told) => from == new ActorKey(ActorKinds.Host, told.Host.Value),
            ({ Kind: ActorKinds.Adaptation } from, HostDrains) => from.Id == self.Id,
            ({ } from, ProposePlacement ask) => from == new ActorKey(ActorKinds.Environment, ask.Environment.Value),
            ({ } from, ReleaseName gone) => from == new ActorKey(ActorKinds.Environment, gone.Environment.Value),
            _ => false,
        };
}
