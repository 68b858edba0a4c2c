using VioActors.Actors.Adaptation.Manager;
using VioActors.Actors.Host;
using VioActors.Actors.Site;
using VioActors.Actors.Switch;
using VioActors.Actors.VirtualCluster;
using VioActors.Contracts;
using VioActors.Runtime;

namespace VioActors.Daemon.Server;

/// <summary>All kinds of actors of a site on one store.</summary>
internal static class ActorsOfSite
{
    /// <summary>
    /// Effects of one kind that run at once. They wait for hosts, some of them for ever, and cost next to nothing
    /// meanwhile: a command per node of every host, and one switch per host, must fit.
    /// </summary>
    private const int EffectsPerKind = 16_384;

    /// <summary>Names of everything that is stored or sent.</summary>
    public static MessageCodec Codec { get; } = new(Wire.Types.Select(type => (type.Key, type.Value)), Wire.Json);

    /// <summary>A system that is ready to start.</summary>
    /// <param name="store">The site's store.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="placement">Where actors live when there are several servers.</param>
    /// <param name="place">Its place among several servers; null when it is the only one.</param>
    /// <param name="handlers">Of effects.</param>
    public static ActorSystem Create(
        IStore store, TimeProvider clock, ShardPlacement placement, ServerPlace? place,
        params IEffectHandler[] handlers)
    {
        var limits = new Limits { EffectsPerKind = EffectsPerKind, Placement = placement };
        var system = new ActorSystem(
            store, Codec, ActorSystem.NewIncarnation(), clock, limits, place: place)
            .AddActor(new SiteActor())
            .AddActor(new EnvironmentActor())
            .AddActor(new HostActor())
            .AddActor(new NetworkActor())
            .AddActor(new SwitchActor())
            .AddActor(new AdaptationActor());
        foreach (var handler in handlers)
            system.AddEffects(handler);
        return system;
    }
}
