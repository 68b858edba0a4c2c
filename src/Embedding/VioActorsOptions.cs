using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VioActors.Runtime;
using VioActors.Runtime.Sql;

namespace VioActors.Embedding;

/// <summary>What an application hosts: where its actors live, which kinds there are, who does their effects.</summary>
public sealed class VioActorsOptions
{
    private readonly List<(string Name, Type Type)> _messages = [];
    private readonly List<Action<ActorSystem, IServiceProvider>> _parts = [];
    private Func<IServiceProvider, TimeProvider, Task<IStore>>? _open;

    /// <summary>Bounds of the runtime.</summary>
    public Limits Limits { get; set; } = new();

    /// <summary>How messages and events are written; null for camel case with nulls left out.</summary>
    public JsonSerializerOptions? Json { get; set; }

    /// <summary>Readers of names that are no longer written.</summary>
    public IList<Upcaster> Upcasters { get; } = [];

    /// <summary>
    /// The place among several servers that share a PostgreSQL: its name, its address and how it reaches the others.
    /// Null: one process has the store.
    /// </summary>
    public Func<IServiceProvider, ServerPlace>? Place { get; set; }

    /// <summary>How long the start of the application waits for the store and the actors. Default 30 s.</summary>
    public TimeSpan StartWithin { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Keeps the actors in this file, which one process at a time may have open.</summary>
    /// <param name="path">Made when it is not there; <c>-wal</c> lies beside it while open.</param>
    public VioActorsOptions UseSqlite(string path) =>
        UseStore(async (_, clock) => await SqlStore.OpenSqliteAsync(path, clock));

    /// <summary>Keeps the actors in a PostgreSQL database, in a schema of its own.</summary>
    /// <param name="connection">As Npgsql takes it: <c>Host=..;Database=..;Username=..</c>.</param>
    public VioActorsOptions UsePostgres(string connection) =>
        UseStore(async (_, clock) => await SqlStore.OpenPostgresAsync(connection, clock));

    /// <summary>Keeps the actors in a store of another kind. It is disposed after the actors stopped.</summary>
    public VioActorsOptions UseStore(Func<IServiceProvider, TimeProvider, Task<IStore>> open)
    {
        _open = _open is null ? open : throw new InvalidOperationException(
            "VioActors has a store already: call one of UseSqlite, UsePostgres and UseStore, once.");
        return this;
    }

    /// <summary>
    /// A message, event, reply or effect payload, under a name that never changes: <c>word.word/version</c>.
    /// </summary>
    public VioActorsOptions AddMessage<T>(string name)
    {
        _messages.Add((name, typeof(T)));
        return this;
    }

    /// <summary>Several of them.</summary>
    public VioActorsOptions AddMessages(IEnumerable<(string Name, Type Type)> messages)
    {
        _messages.AddRange(messages);
        return this;
    }

    /// <summary>A kind of actor. It is pure, so it needs no services.</summary>
    public VioActorsOptions AddActor<TState>(IActor<TState> actor) where TState : class =>
        With((system, _) => system.AddActor(actor));

    /// <summary>Whoever does the effects of one kind: made once, its constructor may take services.</summary>
    public VioActorsOptions AddEffects<THandler>() where THandler : class, IEffectHandler =>
        AddEffects(services => ActivatorUtilities.GetServiceOrCreateInstance<THandler>(services));

    /// <summary>Whoever does the effects of one kind.</summary>
    public VioActorsOptions AddEffects(Func<IServiceProvider, IEffectHandler> handler) =>
        With((system, services) => system.AddEffects(handler(services)));

    internal MessageCodec Codec() => new(_messages, Json, Upcasters);

    internal Task<IStore> OpenAsync(IServiceProvider services, TimeProvider clock) => _open!(services, clock);

    internal ActorSystem Build(IServiceProvider services, IStore store, TimeProvider clock)
    {
        var system = new ActorSystem(
            store, Codec(), ActorSystem.NewIncarnation(), clock, Limits, place: Place?.Invoke(services));
        foreach (var part in _parts) part(system, services);
        return system;
    }

    /// <summary>Finds what is wrong before anything starts.</summary>
    internal void Check()
    {
        if (_open is null)
            throw new InvalidOperationException(
                "VioActors has no store: call options.UseSqlite(path) or options.UsePostgres(connection).");
        if (_parts.Count == 0)
            throw new InvalidOperationException("VioActors has no actors: call options.AddActor(new YourActor()).");
        Limits.Checked();
        Codec();
    }

    private VioActorsOptions With(Action<ActorSystem, IServiceProvider> part)
    {
        _parts.Add(part);
        return this;
    }
}
