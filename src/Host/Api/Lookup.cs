using VioActors.Actors.Site;
using VioActors.Actors.VirtualCluster;
using VioActors.Contracts;
using VioActors.Contracts.Environments;
using VioActors.Daemon.Server;

namespace VioActors.Daemon.Api;

/// <summary>
/// Finds what a path names: environments by id, name or <c>owner~name</c>, nodes and hosts by name or id. What the
/// caller may not see is not found.
/// </summary>
internal sealed class Lookup(SiteActors actors, OperationIndex operations)
{
    /// <summary>An environment of the directory.</summary>
    /// <exception cref="ProblemException">None, or more than one.</exception>
    public async Task<EnvironmentState> EnvironmentAsync(string text, Principal caller, CancellationToken cancel)
    {
        var site = await actors.SiteAsync(cancel);
        var matches = site.Directory
            .Where(entry => caller.MaySee(entry.Value.Owner) && Names(text, entry.Key, entry.Value))
            .ToList();
        // A user's own environment comes first: somebody else's of the same name does not make it ambiguous.
        if (matches.Count > 1 && matches.Find(entry => entry.Value.Owner == caller.Name) is { Value: not null } own)
            matches = [own];
        if (matches.Count > 1)
            throw ProblemException.Conflict(
                "ambiguous-name",
                $"'{text}' is the name of {string.Join(", ", matches.Select(e => $"{e.Value.Owner}/{e.Value.Name}"))}.",
                $"Say whose: '{matches[0].Value.Owner}~{matches[0].Value.Name}'.");
        return matches is [var only] && await actors.EnvironmentAsync(only.Key, cancel) is { } found
            ? found
            : throw NoEnvironment(text);
    }

    /// <summary>A node of an environment, by name or id.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public static NodeState Node(EnvironmentState environment, string text) =>
        environment.Nodes.Values.FirstOrDefault(node => node.Spec.Name == text || node.Id.Value == text)
        ?? throw ProblemException.NotFound(
            $"Environment {environment.Name} has no node '{text}'.", $"List its nodes with 'vio node ls {environment.Name}'.");

    /// <summary>A host of the site, by name or id.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public async Task<SiteMember> HostAsync(string text, CancellationToken cancel) =>
        Host(await actors.SiteAsync(cancel), text);

    /// <summary>A host of the site, by name or id.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public static SiteMember Host(SiteState site, string text) =>
        site.Members.Values.FirstOrDefault(member => member.Name == text || member.Host.Value == text)
        ?? throw ProblemException.NotFound($"The site has no host '{text}'.", "List hosts with 'vio host ls'.");

    /// <summary>The environment that an operation belongs to; deleted ones too.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public async Task<EnvironmentState> OfOperationAsync(OperationId id, Principal caller, CancellationToken cancel)
    {
        if (operations.Find(id) is { } known && await actors.EnvironmentAsync(known, cancel) is { } indexed)
            return Visible(indexed, id, caller);
        foreach (var environment in (await actors.SiteAsync(cancel)).Directory.Keys)
        {
            if (await actors.EnvironmentAsync(environment, cancel) is { } state && state.Operations.Exists(op => op.Id == id))
                return Visible(state, id, caller);
        }
        throw NoOperation(id);
    }

    /// <summary>Reads an operation's id.</summary>
    /// <exception cref="ProblemException">It is none.</exception>
    public static OperationId Operation(string text)
    {
        try
        {
            return OperationId.From(text);
        }
        catch (FormatException bad)
        {
            throw ProblemException.BadInput(bad.Message, "Copy the id from 'vio op ls'.");
        }
    }

    private static bool Names(string text, EnvironmentId id, DirectoryEntry entry) =>
        text == id.Value || text == entry.Name || text == $"{entry.Owner}~{entry.Name}";

    private static EnvironmentState Visible(EnvironmentState state, OperationId id, Principal caller) =>
        caller.MaySee(state.Owner) && state.Operations.Exists(op => op.Id == id) ? state : throw NoOperation(id);

    private static ProblemException NoEnvironment(string text) => ProblemException.NotFound(
        $"There is no environment '{text}', or you may not see it.", "List environments with 'vio env ls'.");

    private static ProblemException NoOperation(OperationId id) => ProblemException.NotFound(
        $"There is no operation '{id}', or you may not see it.", "List operations with 'vio op ls'.");
}
