using System.Data.Common;

namespace VioActors.Runtime.Sql;

/// <summary>
/// One of the two databases under <see cref="SqlStore"/>. Errors come out as the store's typed exceptions. Thread-safe.
/// </summary>
internal interface ISqlDatabase : IAsyncDisposable
{
    /// <summary>Runs a statement of Statements.sql and reads its rows.</summary>
    Task<IReadOnlyList<T>> QueryAsync<T>(
        string statement, Func<DbDataReader, T> read, params (string Name, object? Value)[] parameters);

    /// <summary>Runs a statement of Statements.sql; the number of rows it changed.</summary>
    Task<int> ExecuteAsync(string statement, params (string Name, object? Value)[] parameters);

    /// <summary>
    /// Runs two statements in one transaction: the second only when the first changed a row. Whether it did.
    /// </summary>
    Task<bool> ExecuteBothAsync(
        (string Statement, (string Name, object? Value)[] Parameters) first,
        (string Statement, (string Name, object? Value)[] Parameters) second);

    /// <summary>Runs SQL that is no statement of ours, for tests; its first value.</summary>
    Task<object?> RunAsync(string sql);

    /// <summary>As <see cref="IStore.CommitAsync"/>.</summary>
    Task<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<ShardBatch> batches, int shardCount);

    /// <summary>Notes that a server lives: the statement <c>meet</c>.</summary>
    Task MeetAsync(params (string Name, object? Value)[] me);

    /// <summary>As <see cref="IStore.RenewAsync"/>.</summary>
    Task<IReadOnlyList<bool>> RenewAsync(IReadOnlyList<ShardToken> tokens, TimeSpan lease);

    /// <summary>As <see cref="IStore.LoadActorsAsync"/>.</summary>
    Task<IReadOnlyList<ActorHistory>> LoadActorsAsync(IReadOnlyList<(ActorKey Actor, string Schema)> actors);

    /// <summary>As <see cref="IStore.ConfirmAsync"/>.</summary>
    Task ConfirmAsync();

    /// <summary>As <see cref="IStore.AdoptAsync"/>.</summary>
    Task<long> AdoptAsync(long above);
}
