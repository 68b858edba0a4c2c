using System.Collections.Immutable;
using VioActors.Actors.Host;
using VioActors.Actors.Site;
using VioActors.Actors.VirtualCluster;
using VioActors.Actors.VirtualCluster.Views;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;
using VioActors.Daemon.Server.Agents;

namespace VioActors.Daemon.Api;

/// <summary>Builds what the API shows from the actors' states and from what the agents told last.</summary>
internal sealed class Views(AgentConnections agents)
{
    /// <summary>An environment.</summary>
    public EnvironmentView Environment(EnvironmentState state, SiteState site)
    {
        var view = EnvironmentViews.Of(state, HostNames(site));
        return view with { Operations = [.. view.Operations.Select(Live)] };
    }

    /// <summary>An operation, with the progress of a running move as its source tells it.</summary>
    public OperationView Operation(EnvironmentState state, OperationId id) => Live(EnvironmentViews.Operation(state, id));

    /// <summary>A host as this caller may see it: an owner is not told what runs there.</summary>
    public HostView Host(SiteMember member, HostState? state, Principal caller) => new()
    {
        Id = member.Host,
        Name = member.Name,
        Status = state?.Presence == HostPresence.Fenced ? "fenced"
            : agents.Find(member.Host) is null ? "away" : "connected",
        Facts = state?.Facts,
        BookedMemoryMiB = (int)(state?.BookedMemoryMiB() ?? 0),
        BookedVcpus = state?.BookedVcpus() ?? 0,
        Nodes = caller.Role == Role.Owner || state is null ? [] : [.. state.Bookings.Keys],
    };

    private OperationView Live(OperationView view)
    {
        if (view is not { Kind: OperationKind.Move, Phase: OperationPhase.Running } || agents.ProgressOf(view.Id) is not { } progress)
            return view;
        var index = view.Steps.IndexOf(view.Step);
        var done = Math.Clamp(double.IsFinite(progress.Done) ? progress.Done : 0, 0, 1);
        return view with
        {
            Progress = view.Steps.IsEmpty || index < 0 ? done : Math.Min(0.99, (index + done) / view.Steps.Length),
            Step = progress.Detail.Length == 0 ? view.Step : $"{view.Step}: {progress.Detail}",
        };
    }

    private static Func<HostId, string?> HostNames(SiteState site) =>
        id => site.Members.TryGetValue(id, out var member) ? member.Name : null;
}
