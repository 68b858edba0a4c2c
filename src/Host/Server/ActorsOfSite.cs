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

    /// <summary>A system that is ready to start.</summary>
    public static ActorSystem Create(IStore store, TimeProvider clock, params IEffectHandler[] handlers)
    {
        var codec = new MessageCodec(Wire.Types.Select(type => (type.Key, type.Value)), Wire.Json);
        var limits = new Limits { EffectsPerKind = EffectsPerKind };
        var system = new ActorSystem(store, codec, ActorSystem.NewIncarnation(), clock, limits)
            .AddActor(new SiteActor())
            .AddActor(new EnvironmentActor())
            .AddActor(new HostActor())
            .AddActor(new NetworkActor())
            .AddActor(new SwitchActor());
        foreach (var handler in handlers)
            system.AddEffects(handler);
        return system;
    }
}
