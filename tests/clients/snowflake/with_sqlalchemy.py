"""SQLAlchemy: tables, an ORM class with a Sequence, reflection, pandas."""

import os
from datetime import datetime

import pandas as pd
from snowflake.sqlalchemy import URL
from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    Numeric,
    Sequence,
    String,
    create_engine,
    func,
    inspect,
    select,
)  # fmt: skip
from sqlalchemy.orm import DeclarativeBase, Session, relationship

engine = create_engine(
    URL(
        account="local",
        host="127.0.0.1",
        port=os.environ["LOCAL_SNOWFLAKE_PORT"],
        user=os.environ["LOCAL_SNOWFLAKE_USER"],
        password=os.environ["LOCAL_SNOWFLAKE_PASSWORD"],
        database="CANTON",
        schema="ALCHEMY",
    ),
    connect_args={"protocol": "http"},
)
AT = datetime(2026, 1, 1, 10)  # noqa: DTZ001 -- TIMESTAMP_NTZ


class Base(DeclarativeBase):
    pass


class Party(Base):
    __tablename__ = "parties"
    id = Column(Integer, Sequence("party_ids"), primary_key=True)
    name = Column(String(20), nullable=False)
    transfers = relationship("Transfer", order_by="Transfer.amount")


class Transfer(Base):
    __tablename__ = "transfers"
    id = Column(Integer, Sequence("transfer_ids"), primary_key=True)
    sender = Column(Integer, ForeignKey("parties.id"))
    amount = Column(Numeric(38, 10))
    at = Column(DateTime)


with engine.begin() as connection:
    connection.exec_driver_sql("create schema canton.alchemy")
Base.metadata.create_all(engine)
Base.metadata.create_all(engine)
with Session(engine) as session:
    session.add(Party(name="a", transfers=[Transfer(amount=2, at=AT), Transfer(amount=1, at=AT)]))
    session.add_all([Party(name="b"), Party(name="c")])
    session.commit()
    loaded = session.scalars(select(Party).order_by(Party.id)).all()
    assert [(p.id, p.name, [t.amount for t in p.transfers]) for p in loaded] == [
        (1, "a", [1, 2]),
        (2, "b", []),
        (3, "c", []),
    ]
    loaded[1].name = "d"
    session.delete(loaded[2])
    session.commit()
    session.add(Party(name="gone"))
    session.flush()
    session.rollback()
    assert session.scalars(select(Party.name).order_by(Party.name)).all() == ["a", "d"]
    assert session.scalar(select(func.sum(Transfer.amount)).where(Transfer.at == AT)) == 3

seen = inspect(engine)
assert seen.get_table_names(schema="alchemy") == ["parties", "transfers"]
assert [str(c["type"]) for c in seen.get_columns("transfers", schema="alchemy")] == [
    "DECIMAL(38, 0)",
    "DECIMAL(38, 0)",
    "DECIMAL(38, 10)",
    "TIMESTAMP_NTZ",
]
assert seen.get_pk_constraint("parties", schema="alchemy")["constrained_columns"] == ["id"]
(key,) = seen.get_foreign_keys("transfers", schema="alchemy")
assert (key["constrained_columns"], key["referred_table"]) == (["sender"], "parties")
found = MetaData(schema="alchemy")
found.reflect(engine)
(key,) = found.tables["alchemy.transfers"].foreign_keys
assert key.target_fullname == "alchemy.parties.id"
frame = pd.DataFrame({"n": [1, 2], "s": ["x", "y"]})
frame.to_sql("frames", engine, index=False, if_exists="replace")
assert pd.read_sql("select n, s from frames order by n", engine).to_dict("list") == {
    "n": [1, 2],
    "s": ["x", "y"],
}
engine.dispose()
