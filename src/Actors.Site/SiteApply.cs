using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.Site;

/// <summary>Checks a spec and hands it to its environment under the name in the directory.</summary>
internal static class SiteApply
{
    internal static Decision Decide(SiteState state, SiteId site, ApplySpec ask, in TurnInfo info)
    {
        var by = Principal.Parse(info.Principal);
        if (ask.Owner != by.Name && !state.Users.ContainsKey(ask.Owner))
            return Decision.Refuse(SiteRefusals.UnknownOwner(ask.Owner, state.Users.Keys));
        var errors = SpecCheck.Errors(ask.Spec, state);
        if (errors.Count > 0)
            return Decision.Refuse(SiteRefusals.BadSpec(ask.Spec.Name, errors));

        var known = state.Find(ask.Owner, ask.Spec.Name);
        if (known is null && state.Directory.Count >= SiteLimits.Environments)
            return Decision.Refuse(SiteRefusals.Full("environments", SiteLimits.Environments));
        var environment = known ?? EnvironmentId.Of(site, info.DeriveId("environment"));
        if (ask.DryRun)
            return Decision.Nothing.Answer(new ApplyAccepted(environment, known is null, Operation: null));

        var operation = OperationId.Of(info.DeriveId("operation"));
        var named = known is null
            ? Decision.Nothing.Record(new EnvironmentNamed(environment, ask.Owner, ask.Spec.Name))
            : Decision.Nothing;
        return named
            .Tell(
                new ActorKey(ActorKinds.Environment, environment.Value),
                new ApplyEnvironment(operation, environment, ask.Owner, Normal(ask.Spec), ImagesOf(ask.Spec, state)))
            .Answer(new ApplyAccepted(environment, known is null, operation));
    }

    /// <summary>One spelling of a MAC inside: equal addresses are equal texts.</summary>
    private static EnvironmentSpec Normal(EnvironmentSpec spec) => spec with
    {
        Nodes = [.. spec.Nodes.Select(node => node with { Mac = node.Mac?.ToLowerInvariant() })],
        Limits = spec.Limits.IsDefault ? [] : [.. spec.Limits.Select(limit =>
            limit.Between.IsDefault ? limit with { Between = [] } : limit)],
    };

    private static ImmutableSortedDictionary<string, ImageDefinition> ImagesOf(EnvironmentSpec spec, SiteState state) =>
        spec.Nodes.Select(node => node.Image).Distinct(StringComparer.Ordinal)
            .ToImmutableSortedDictionary(name => name, name => state.Images[name]);
}
